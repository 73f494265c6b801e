// SPDX-License-Identifier: Apache-2.0
#include "diagnose/printable.h"

namespace gg {

std::string printable(std::string_view text, std::size_t longest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (char c : text) {
    if (out.size() >= longest) return out + "...";
    auto byte = static_cast<unsigned char>(c);
    if (byte == '\t') {
      out += ' ';
    } else if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    std::size_t end = text.find(' ');
    std::string_view word = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (word.empty()) continue;
    bool is_first = column == indent;
    if (!is_first && column + 1 + word.size() > columns) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
      is_first = true;
    }
    if (!is_first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

}  // namespace gg
