// SPDX-License-Identifier: Apache-2.0
// Which hashes of passwords may stand in a configuration or a file of users.
#pragma once

#include <optional>
#include <string_view>

#include "config/complaint.h"

namespace gg {

/// Why `text` is not a hash that passwords can be checked against, or nothing if it is: bcrypt,
/// SHA-256, SHA-512 or yescrypt as crypt(5) writes them. What is said names no part of it.
std::optional<Misreading> misread_password_hash(std::string_view text);

}  // namespace gg
