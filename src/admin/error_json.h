// SPDX-License-Identifier: Apache-2.0
// What the interface says when it says no, and texts in what else it says by hand: one line of
// JSON, without the library that the larger answers are made with.
#pragma once

#include <string>
#include <string_view>

namespace gg {

/// `text`, which is UTF-8, as a string of JSON.
inline std::string json_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

inline std::string error_json(std::string_view reason) {
  return "{\"error\": " + json_string(reason) + "}\n";
}

}  // namespace gg
