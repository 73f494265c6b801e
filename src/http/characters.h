// SPDX-License-Identifier: Apache-2.0
// The character classes of RFC 9110 5 and RFC 3986, as one table. Whatever checks message bytes
// asks here.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gg {

enum class CharacterClass : std::uint8_t {
  token = 1,   // tchar (RFC 9110 5.6.2)
  value = 2,   // HTAB, SP, VCHAR, obs-text (RFC 9110 5.5)
  target = 4,  // visible ASCII but '#': wider than RFC 3986, see docs/http1-strictness.md
  host = 8,    // unreserved and sub-delims of a reg-name (RFC 3986 3.2.2)
  hex = 16,
};

namespace characters {

consteval bool is_one_of(unsigned c, std::string_view set) {
  return c != 0 && c < 0x80 && set.find(static_cast<char>(c)) != std::string_view::npos;
}

consteval unsigned bit_if(bool is_member, CharacterClass of) {
  return is_member ? static_cast<unsigned>(of) : 0;
}

consteval std::uint8_t classes_of(unsigned c) {
  unsigned lower = c | 0x20;
  bool digit = c >= '0' && c <= '9';
  bool alphanumeric = digit || (lower >= 'a' && lower <= 'z');
  bool visible = c > 0x20 && c < 0x7f;
  bool text = visible || c == ' ' || c == '\t' || c >= 0x80;
  return static_cast<std::uint8_t>(
      bit_if(alphanumeric || is_one_of(c, "!#$%&'*+-.^_`|~"), CharacterClass::token) |
      bit_if(text, CharacterClass::value) | bit_if(visible && c != '#', CharacterClass::target) |
      bit_if(alphanumeric || is_one_of(c, "-._~!$&'()*+,;="), CharacterClass::host) |
      bit_if(digit || (lower >= 'a' && lower <= 'f'), CharacterClass::hex));
}

consteval std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < 256; ++c) table[c] = classes_of(c);
  return table;
}
inline constexpr std::array<std::uint8_t, 256> table = make_table();

}  // namespace characters

constexpr bool is_in(CharacterClass wanted, char c) {
  return (characters::table[static_cast<unsigned char>(c)] & static_cast<unsigned>(wanted)) != 0;
}

/// Is every byte of `text` in the class? True for an empty one.
constexpr bool is_all_in(CharacterClass wanted, std::string_view text) {
  for (char c : text) {
    if (!is_in(wanted, c)) return false;
  }
  return true;
}

/// token = 1*tchar
constexpr bool is_token(std::string_view text) {
  return !text.empty() && is_all_in(CharacterClass::token, text);
}

}  // namespace gg
