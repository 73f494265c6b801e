// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648 4). Used by rules/ for passwords and by discovery/ for what etcd says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gg {

/// With padding.
std::string encode_base64(std::string_view bytes);
/// With or without padding; nothing: it is none.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace gg
