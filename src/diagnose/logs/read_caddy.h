// SPDX-License-Identifier: Apache-2.0
// What Caddy says in a line, as JSON or in columns for people: its loggers tell at what stage it
// was.
#pragma once

#include <string_view>

#include "diagnose/logs/line.h"

namespace gg {

/// The members of a line that only Caddy has, or that mean something of their own in its lines.
struct CaddyFacts {
  std::string_view logger;  // "http.log.access.log0"
  std::string_view level;   // in small letters or capitals
  std::string_view text;
  std::string_view error;   // what is said apart from the text; may be empty
  std::string_view method;  // of the request; empty: not said
  std::string_view status;
  bool is_relayed = false;  // the response's fields are those of another server
};

/// Sets kind, sign and, where the words name it, the endpoint. The rest of `out` is there already.
void judge_caddy(const CaddyFacts& facts, ReadLine& out);

/// A line in columns: what stands in the columns, and the JSON behind them. False if that is none.
bool read_caddy_members(std::string_view json, CaddyFacts columns, ReadLine& out);

}  // namespace gg
