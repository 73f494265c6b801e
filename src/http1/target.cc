// SPDX-License-Identifier: Apache-2.0
#include "http1/target.h"

#include <cstddef>
#include <optional>

#include "base/text.h"
#include "http/authority.h"

namespace gg {
namespace {

void split_query(std::string_view text, TargetParts& parts) {
  std::size_t mark = text.find('?');
  parts.path = text.substr(0, mark);
  parts.has_query = mark != std::string_view::npos;
  if (parts.has_query) parts.query = text.substr(mark + 1);
}

/// What follows "http://" or "https://"; empty for any other scheme.
std::string_view after_scheme(std::string_view target) {
  for (std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (equal_ignoring_case(target.substr(0, scheme.size()), scheme)) {
      return target.substr(scheme.size());
    }
  }
  return {};
}

/// RFC 9112 3.2.2. No userinfo and no empty host (RFC 9110 4.2.1, 4.2.4): parse_authority knows no
/// '@'.
bool split_absolute(Method method, std::string_view target, TargetParts& parts) {
  std::string_view rest = after_scheme(target);
  std::size_t authority_end = rest.find_first_of("/?");
  parts.authority = rest.substr(0, authority_end);
  std::optional<Authority> authority = parse_authority(parts.authority);
  if (!authority || authority->host.empty()) return false;

  parts.form = TargetForm::absolute;
  split_query(authority_end == std::string_view::npos ? "" : rest.substr(authority_end), parts);
  if (parts.path.empty()) {
    // RFC 9112 3.2.4: OPTIONS for the server as a whole; everything else means the root.
    parts.path = method == Method::options && !parts.has_query ? "*" : "/";
  }
  return true;
}

/// RFC 9112 3.2.3: host and port, both needed.
bool split_authority(std::string_view target, TargetParts& parts) {
  std::optional<Authority> authority = parse_authority(target);
  if (!authority || authority->host.empty() || authority->port.empty()) return false;
  parts.form = TargetForm::authority;
  parts.authority = target;
  return true;
}

}  // namespace

bool split_target(Method method, std::string_view target, TargetParts& parts) {
  if (method == Method::connect) return split_authority(target, parts);
  if (target.starts_with('/')) {
    split_query(target, parts);
    return true;
  }
  if (target == "*" && method == Method::options) {  // RFC 9112 3.2.4
    parts.form = TargetForm::asterisk;
    parts.path = target;
    return true;
  }
  return split_absolute(method, target, parts);
}

}  // namespace gg
