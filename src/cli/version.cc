// SPDX-License-Identifier: Apache-2.0
// `goodgate version`.
#include "base/version.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/command.h"

namespace gg {

int version_command(Arguments arguments) {
  CLI::App app("Prints the version.", "goodgate version");
  if (std::optional<int> status = read_arguments(app, arguments)) return *status;
  fmt::print("goodgate {}\n", version());
  return exit_fine;
}

}  // namespace gg
