// SPDX-License-Identifier: Apache-2.0
// What is said in HTTP/1.1 when a WebSocket opens, and not in HTTP/2 (RFC 8441 5). For client.cc
// and client_stream.cc.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"
#include "http/head.h"

namespace gg {

inline bool is_websocket_key(const Field& field) {
  return equal_ignoring_case(field.name, "Sec-WebSocket-Key");
}

/// The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key (RFC 6455 4.2.2): 28 characters.
std::string websocket_accept(std::string_view key);

}  // namespace gg
