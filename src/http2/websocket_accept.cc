// SPDX-License-Identifier: Apache-2.0
#include "http2/websocket_accept.h"

#include <openssl/sha.h>

#include <array>

#include "base/base64.h"

namespace gg {

std::string websocket_accept(std::string_view key) {
  constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::string asked = std::string(key) + std::string(guid);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(asked.data()), asked.size(), digest.data());
  return encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace gg
