// SPDX-License-Identifier: Apache-2.0
// Reason phrases and classes of status codes (RFC 9110 15 and the IANA registry).
#pragma once

#include <string_view>

namespace gg {

/// "Bad Gateway"; empty for a code without a registered phrase.
std::string_view reason_phrase(int status);

constexpr bool is_interim(int status) { return status >= 100 && status < 200; }

/// Never has a body, whatever its fields say (RFC 9110 6.4.1).
constexpr bool forbids_body(int status) {
  return is_interim(status) || status == 204 || status == 304;
}

}  // namespace gg
