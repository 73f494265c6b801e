// SPDX-License-Identifier: Apache-2.0
// The traceparent field (W3C Trace Context level 1, 3.2): which trace a request belongs to, and
// which span sent it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gg {

struct TraceParent {
  static constexpr std::size_t size = 55;  // of the field's value as we write it

  std::uint64_t trace_high = 0;
  std::uint64_t trace_low = 0;  // not both zero
  std::uint64_t span = 0;       // not zero
  bool is_sampled = false;      // its sender may have recorded it

  bool operator==(const TraceParent&) const = default;
};

/// Nothing if the value is not valid. Of later versions, what this one has too.
std::optional<TraceParent> parse_trace_parent(std::string_view value);

/// Version 00.
void write_trace_parent(const TraceParent& parent, std::span<char, TraceParent::size> out);

}  // namespace gg
