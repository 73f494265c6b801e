// SPDX-License-Identifier: Apache-2.0
// A client's cookies (RFC 6265 4.2). The gateway looks at no more than it is told to.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "http/head.h"

namespace gg {

/// The value of the first cookie of that name in any Cookie line, without quotes around it; nothing
/// if there is none. Names are case-sensitive. Borrows from `fields`.
std::optional<std::string_view> cookie_of(const Fields& fields, std::string_view name);

/// A Cookie line without the cookies of that name; empty if there are no others. What is left is
/// written to `room`, which is as long as the line at least.
std::string_view cookies_but(std::string_view name, std::string_view line, std::span<char> room);

}  // namespace gg
