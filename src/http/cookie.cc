// SPDX-License-Identifier: Apache-2.0
#include "http/cookie.h"

#include <cstring>

#include "base/text.h"

namespace gg {

namespace {

std::string_view unquoted(std::string_view value) {
  bool is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return is_quoted ? value.substr(1, value.size() - 2) : value;
}

/// Takes the next pair, as it stands there, off the front of a Cookie line.
std::string_view next_pair(std::string_view& line) {
  std::size_t end = line.find(';');
  std::string_view pair = line.substr(0, end);
  line = end == std::string_view::npos ? std::string_view{} : line.substr(end + 1);
  return pair;
}

bool is_named(std::string_view pair, std::string_view name) {
  std::size_t equals = pair.find('=');
  return equals != std::string_view::npos && trim(pair.substr(0, equals)) == name;
}

}  // namespace

std::optional<std::string_view> cookie_of(const Fields& fields, std::string_view name) {
  for (const Field& field : fields.all()) {
    if (field.id != FieldName::cookie) continue;
    std::string_view left = field.value;
    while (!left.empty()) {
      std::string_view pair = next_pair(left);
      if (is_named(pair, name)) return unquoted(trim(pair.substr(pair.find('=') + 1)));
    }
  }
  return std::nullopt;
}

std::string_view cookies_but(std::string_view name, std::string_view line, std::span<char> room) {
  std::size_t size = 0;
  auto write = [&](std::string_view text) {
    std::memcpy(room.data() + size, text.data(), text.size());
    size += text.size();
  };
  while (!line.empty()) {
    std::string_view pair = next_pair(line);
    if (is_named(pair, name)) continue;
    if (size > 0) write(";");
    write(size > 0 ? pair : trim(pair));
  }
  return {room.data(), size};
}

}  // namespace gg
