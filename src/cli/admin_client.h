// SPDX-License-Identifier: Apache-2.0
// Asks a gateway's admin interface, or orders something there, blocking. Used by every command that
// talks to a running gateway.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gg {

/// The body of a 200 answer from `address` (as `admin:` takes it; no host means this machine), or
/// why there is none. Waits a few seconds at most.
Result<std::string, std::string> fetch_page(const std::string& address, std::string_view path);

/// The body of a 200 answer to an order, or why it was not carried out, as the gateway says it.
Result<std::string, std::string> post_json(const std::string& address, std::string_view path,
                                           const std::string& json);

/// What both send to an interface that asks for a token: the environment's GOODGATE_TOKEN.
inline constexpr const char* token_variable = "GOODGATE_TOKEN";

/// Of a reason that fetch_page gave: is there just no such page?
bool is_not_found(std::string_view reason);

/// The body of a whole response, or why it cannot be used. For fetch_page and its test.
Result<std::string, std::string> body_of(std::string_view response);

}  // namespace gg
