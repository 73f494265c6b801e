// SPDX-License-Identifier: Apache-2.0
// The first message of a TLS handshake by itself, for probes that only want to see whether anything
// comes back.
#pragma once

#include <string>

namespace gg {

/// Its bytes as they go over the wire. `server_name` may be empty.
std::string client_hello(const std::string& server_name);

}  // namespace gg
