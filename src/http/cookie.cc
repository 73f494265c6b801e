// SPDX-License-Identifier: Apache-2.0
#include "http/cookie.h"

#include "base/text.h"

namespace gg {

namespace {

std::string_view unquoted(std::string_view value) {
  bool is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return is_quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

std::optional<std::string_view> cookie_of(const Fields& fields, std::string_view name) {
  for (const Field& field : fields.all()) {
    if (field.id != FieldName::cookie) continue;
    std::string_view left = field.value;
    while (!left.empty()) {
      std::size_t end = left.find(';');
      std::string_view pair = trim(left.substr(0, end));
      left = end == std::string_view::npos ? std::string_view{} : left.substr(end + 1);
      std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos || trim(pair.substr(0, equals)) != name) continue;
      return unquoted(trim(pair.substr(equals + 1)));
    }
  }
  return std::nullopt;
}

}  // namespace gg
