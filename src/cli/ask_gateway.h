// SPDX-License-Identifier: Apache-2.0
// Asking the running gateway something and printing the answer. Used by status, incidents and
// explain.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/status_table.h"

namespace gg {

class Options;

/// Which gateway is asked, and how the answer is given.
struct GatewayQuestion {
  std::string config_file;  // that it runs with; empty: the only one there is
  std::string admin;        // its admin address; empty: found by itself
  bool json = false;
};

/// -c, --config, --admin and --json.
void add_options(Options& options, GatewayQuestion& question);

/// The admin interface's JSON as a person reads it, or why it is nothing of the kind.
using Draw = Result<std::string, std::string> (*)(std::string_view json, Coloring coloring);

/// Prints what the gateway answers at `path`, as JSON or drawn; the exit status. `if_missing` goes
/// on after "the gateway at ADDRESS " when there is no such page.
int print_answer(const GatewayQuestion& question, const std::string& path, Draw draw,
                 std::string_view if_missing = "has no such page");

}  // namespace gg
