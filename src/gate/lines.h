// SPDX-License-Identifier: Apache-2.0
// Reads a text line by line: what the kernel says in /proc, what a process hands over.
#pragma once

#include <algorithm>
#include <string_view>

namespace gg {

/// Takes the first line off `text` and returns it without its end.
inline std::string_view next_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

}  // namespace gg
