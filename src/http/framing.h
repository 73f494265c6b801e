// SPDX-License-Identifier: Apache-2.0
// Where a message's body ends: every rule against request smuggling, pure, its RFC 9112 section
// beside it. Connections ask it once per head.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "http/head.h"
#include "http/message_error.h"

namespace gg {

/// How a body is delimited, and whether its connection may serve again afterwards.
struct Framing {
  enum class Kind : std::uint8_t {
    none,         // no body
    length,       // exactly `length` bytes, which may be 0
    chunked,      // the chunked coding says
    until_close,  // responses only: the connection's clean end
    tunnel,       // responses only: 101, or 2xx to CONNECT; what follows is not HTTP
  };
  enum class Persistence : std::uint8_t { keep_alive, close };

  Kind kind = Kind::none;
  Persistence persistence = Persistence::keep_alive;
  std::uint64_t length = 0;

  bool has_body() const {
    return kind == Kind::chunked || kind == Kind::until_close ||
           (kind == Kind::length && length > 0);
  }
  bool operator==(const Framing&) const = default;
};

/// Content-Length values up to here are believed; a larger one is bad_content_length.
inline constexpr std::uint64_t body_length_max = (std::uint64_t{1} << 63) - 1;

/// For an HTTP/1 head. Errors: bad_content_length, repeated_content_length, length_and_coding,
/// bad_transfer_coding, unsupported_transfer_coding, body_not_allowed; bad_field_value for more
/// connection options than anyone needs.
Result<Framing, MessageError> decide_request_framing(const RequestHead& head);

/// For an HTTP/1 head that answers `request_method`. The same errors. Whether a 101 was asked for
/// is the caller's question.
Result<Framing, MessageError> decide_response_framing(Method request_method,
                                                      const ResponseHead& head);

}  // namespace gg
