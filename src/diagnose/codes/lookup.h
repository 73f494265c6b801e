// SPDX-License-Identifier: Apache-2.0
// What a code that somebody typed or pasted may mean: `goodgate explain CODE`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "diagnose/advice/advice.h"
#include "fault/fault.h"

namespace gg {

/// One way to read a code.
struct Reading {
  std::string_view vocabulary;  // "HTTP status", "HAProxy termination state"
  Product product = Product::any;
  std::string code;     // as that vocabulary spells it
  std::string name;     // may be empty
  std::string meaning;  // may be empty: the only cause's own sentence says it
  std::vector<Fault> causes;
  std::string_view settle;  // with several causes: what tells them apart; may be empty
  bool is_failure = true;
};

/// Every way to read it, the likeliest first; empty if there is none.
std::vector<Reading> find_readings(std::string_view typed);

/// Known codes most like what was typed, at most `most`.
std::vector<std::string> nearest_codes(std::string_view typed, std::size_t most = 3);

}  // namespace gg
