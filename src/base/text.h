// SPDX-License-Identifier: Apache-2.0
// Small text helpers in the ASCII sense that protocols use; no locale, no allocation.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace gg {

constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Equal but for ASCII case.
constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  }
  return true;
}

/// Without spaces and tabs at either end (RFC 9110 5.6.3, OWS). Borrows from `text`.
constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The whole of `text` as an unsigned number in `base`, or nothing: no sign, no space, no overflow.
inline std::optional<std::uint64_t> parse_number(std::string_view text, int base = 10) {
  std::uint64_t value = 0;
  std::from_chars_result parsed =
      std::from_chars(text.data(), text.data() + text.size(), value, base);
  bool whole = parsed.ptr == text.data() + text.size();
  if (text.empty() || parsed.ec != std::errc{} || !whole) return std::nullopt;
  return value;
}

namespace text_detail {

/// "00" to "ff".
inline constexpr std::array<char, 512> hex_pairs = [] {
  std::array<char, 512> pairs{};
  for (std::size_t i = 0; i < 256; ++i) {
    pairs[2 * i] = "0123456789abcdef"[i / 16];
    pairs[2 * i + 1] = "0123456789abcdef"[i % 16];
  }
  return pairs;
}();

}  // namespace text_detail

/// The 16 digits of `value`, in lower case, to `out`.
inline void write_hex(std::uint64_t value, char* out) {
  for (int shift = 56; shift >= 0; shift -= 8, out += 2) {
    std::memcpy(out, &text_detail::hex_pairs[2 * (value >> shift & 0xff)], 2);
  }
}

/// Takes the next element off a comma-separated list, trimmed; empty elements are skipped
/// (RFC 9110 5.6.1.2). Returns an empty view at the end. Borrows from `list`.
constexpr std::string_view next_list_element(std::string_view& list) {
  while (!list.empty()) {
    std::size_t comma = list.find(',');
    std::string_view element = trim(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    if (!element.empty()) return element;
  }
  return {};
}

}  // namespace gg
