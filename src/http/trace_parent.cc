// SPDX-License-Identifier: Apache-2.0
#include "http/trace_parent.h"

#include <charconv>

#include "base/text.h"

namespace gg {
namespace {

/// Lower-case hex digits and nothing else.
std::optional<std::uint64_t> hex_of(std::string_view text) {
  if (text.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

}  // namespace

/// version "00" "-" 32 hex "-" 16 hex "-" 2 hex, ids not all zero.
std::optional<TraceParent> parse_trace_parent(std::string_view value) {
  bool has_form =
      value.size() >= TraceParent::size && value[2] == '-' && value[35] == '-' && value[52] == '-';
  if (!has_form) return std::nullopt;
  std::optional<std::uint64_t> version = hex_of(value.substr(0, 2));
  bool is_longer = value.size() > TraceParent::size;
  bool is_ours = version && *version == 0;
  bool may_be_longer = version && !is_ours && (!is_longer || value[TraceParent::size] == '-');
  if (!version || *version == 0xff || (is_longer && !may_be_longer)) return std::nullopt;
  std::optional<std::uint64_t> high = hex_of(value.substr(3, 16));
  std::optional<std::uint64_t> low = hex_of(value.substr(19, 16));
  std::optional<std::uint64_t> span = hex_of(value.substr(36, 16));
  std::optional<std::uint64_t> flags = hex_of(value.substr(53, 2));
  bool is_hex = high && low && span && flags;
  if (!is_hex || (*high == 0 && *low == 0) || *span == 0) return std::nullopt;
  return TraceParent{
      .trace_high = *high, .trace_low = *low, .span = *span, .is_sampled = (*flags & 1U) != 0};
}

void write_trace_parent(const TraceParent& parent, std::span<char, TraceParent::size> out) {
  out[0] = out[1] = '0';
  out[2] = out[35] = out[52] = '-';
  write_hex(parent.trace_high, &out[3]);
  write_hex(parent.trace_low, &out[19]);
  write_hex(parent.span, &out[36]);
  out[53] = '0';
  out[54] = parent.is_sampled ? '1' : '0';
}

}  // namespace gg
