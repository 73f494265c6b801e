// SPDX-License-Identifier: Apache-2.0
// Lines of a configuration as they may be shown on a screen or kept in a log: without passwords and
// other secrets, also where one stands in the wrong place or the text is no YAML. Used by
// complaints.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace gg {

/// Do values of keys of this name stay in the file?
bool is_secret_key(std::string_view name);

/// The line number `index` (from 0) up to where a secret may begin, and an ellipsis there.
std::string without_secrets(std::span<const std::string_view> lines, std::size_t index);

}  // namespace gg
