// SPDX-License-Identifier: Apache-2.0
// Fetches a page from a gateway's admin interface, blocking. Used by status and
// explain.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gg {

/// The body of a 200 answer from `address` (as `admin:` takes it; no host means this machine), or
/// why there is none. Waits a few seconds at most.
Result<std::string, std::string> fetch_page(const std::string& address, std::string_view path);

/// Of a reason that fetch_page gave: is there just no such page?
bool is_not_found(std::string_view reason);

/// The body of a whole response, or why it cannot be used. For fetch_page and its test.
Result<std::string, std::string> body_of(std::string_view response);

}  // namespace gg
