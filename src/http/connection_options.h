// SPDX-License-Identifier: Apache-2.0
// What the Connection, Upgrade, TE and Expect fields of a message ask for (RFC 9110 7.6.1, 7.8,
// 10.1). Framing, hop-by-hop filtering and the connections read them here.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/head.h"

namespace gg {

struct ConnectionOptions {
  bool close = false;
  bool keep_alive = false;
  bool upgrade = false;
  bool too_many = false;  // more than connection_options_max were listed
};

/// A message that lists more is refused, so that matching them against the fields stays cheap.
inline constexpr int connection_options_max = 64;

/// Over all Connection lines of a message.
ConnectionOptions connection_options_of(const Fields& fields);

/// Does any line of field `id` list `token`, ASCII case ignored, parameters not looked at?
bool lists(const Fields& fields, FieldName id, std::string_view token);

/// Does the sender want to change protocol: Connection: upgrade, and an Upgrade field? In HTTP/2
/// only a CONNECT for a WebSocket has them. Returns that field's value ("websocket"), empty if not.
/// HTTP/1.0 cannot ask (RFC 9110 7.8), and nobody can for h2c: a tunnel of requests would be one
/// around routes, rules and records.
std::string_view wanted_upgrade(const RequestHead& head);

/// May trailers be sent to whom this request came from (TE: trailers)?
bool accepts_trailers(const Fields& fields);

enum class Expectation : std::uint8_t { none, continue_100, unknown };

/// HTTP/1.0 requests expect nothing (RFC 9110 10.1.1). `unknown` is MessageError::bad_expectation.
Expectation expectation_of(const RequestHead& head);

}  // namespace gg
