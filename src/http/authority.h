// SPDX-License-Identifier: Apache-2.0
// The host and port that a request is for (RFC 9110 4.2, 7.2). The head parser validates with it,
// routing matches with it.
#pragma once

#include <optional>
#include <string_view>

namespace gg {

/// Views borrow from the parsed text.
struct Authority {
  std::string_view host;  // "[::1]" with its brackets; may be empty
  std::string_view port;  // digits, at most 65535; may be empty
  bool has_port = false;  // there was a ':'
};

/// uri-host [ ":" port ] (RFC 3986 3.2.2 and 3.2.3), no userinfo; nothing if malformed.
std::optional<Authority> parse_authority(std::string_view text);

}  // namespace gg
