// SPDX-License-Identifier: Apache-2.0
// What the two halves of the head walk must agree on. The inside of head_parser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http1/head_parser.h"
#include "http1/target.h"

namespace gg::head_rules {

inline constexpr std::size_t method_max = 32;

/// The longest request line that could be good: method, target and " HTTP/1.1".
inline std::uint64_t request_line_max(const HeadLimits& limits) {
  return method_max + 1 + limits.target_max.count + 9;
}

/// `target` has only bytes that a target may have.
inline bool target_fits(std::string_view method, std::string_view target) {
  if (target.front() == '/' && method != "CONNECT") return true;
  TargetParts parts;
  return split_target(method_of(method), target, parts);
}

}  // namespace gg::head_rules
