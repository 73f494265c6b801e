// SPDX-License-Identifier: Apache-2.0
// The character classes of RFC 9110 5 and RFC 3986, as one table. Whatever checks message bytes
// asks here.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gg {

enum class CharacterClass : std::uint8_t {
  token = 1,    // tchar (RFC 9110 5.6.2)
  value = 2,    // HTAB, SP, VCHAR, obs-text (RFC 9110 5.5)
  target = 4,   // visible ASCII but '#': wider than RFC 3986, see docs/http1-strictness.md
  host = 8,     // unreserved and sub-delims of a reg-name (RFC 3986 3.2.2)
  quoted = 16,  // qdtext (RFC 9110 5.6.4)
  hex = 32,
};

namespace characters {

consteval std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> table{};
  auto put = [&table](unsigned c, CharacterClass in) {
    table[c] = static_cast<std::uint8_t>(table[c] | static_cast<unsigned>(in));
  };
  for (unsigned c = 0; c < 256; ++c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool digit = c >= '0' && c <= '9';
    bool visible = c > 0x20 && c < 0x7f;
    auto is_one_of = [c](std::string_view set) {
      return c != 0 && c < 0x80 && set.find(static_cast<char>(c)) != std::string_view::npos;
    };
    bool text = visible || c == ' ' || c == '\t' || c >= 0x80;
    if (letter || digit || is_one_of("!#$%&'*+-.^_`|~")) put(c, CharacterClass::token);
    if (text) put(c, CharacterClass::value);
    if (visible && c != '#') put(c, CharacterClass::target);
    if (letter || digit || is_one_of("-._~!$&'()*+,;=")) put(c, CharacterClass::host);
    if (text && c != '"' && c != '\\') put(c, CharacterClass::quoted);
    if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) put(c, CharacterClass::hex);
  }
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
