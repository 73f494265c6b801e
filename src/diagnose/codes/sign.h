// SPDX-License-Identifier: Apache-2.0
// A sign: something that a program says, and the causes of our catalogue that make it say so. The
// tables of signs are what `explain CODE` looks words up in and what the readers of logs match.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "diagnose/advice/advice.h"
#include "fault/fault.h"

namespace gg {

inline constexpr std::size_t causes_max = 5;

/// All text is static.
struct Sign {
  /// "UF", "28", "connect() failed (111". In tables of messages a message begins with it; if it
  /// starts with '*' it may stand anywhere.
  std::string_view code;
  std::string_view also;     // must stand somewhere in the message too; often the stage
  std::string_view name;     // "CURLE_OPERATION_TIMEDOUT"; another way to type it
  std::string_view meaning;  // empty: the cause's own sentence says it
  std::array<Fault, causes_max> causes{};  // likeliest first; `none` ends them
  std::string_view settle;                 // with several causes: what evidence tells them apart
  bool is_failure = true;                  // false: worth knowing, but no request failed by it
};

/// The causes of a sign, without the filling.
std::span<const Fault> causes_of(const Sign& sign);

/// The first sign that the message bears, or null. `anywhere`: the code need not begin the message,
/// as in a line that somebody pasted with what stands around it.
const Sign* find_sign(std::span<const Sign> table, std::string_view message, bool anywhere = false);

/// The sign of that very code, ASCII case ignored unless `exact`; or null.
const Sign* find_code(std::span<const Sign> table, std::string_view code, bool exact = false);

// Tables of messages.
std::span<const Sign> nginx_signs();
std::span<const Sign> apache_signs();
std::span<const Sign> go_signs();  // Caddy's and Traefik's, by the words of Go's libraries
std::span<const Sign>
go_fresh_head_signs();                  // before them, if no kept-alive connection can be to blame
std::span<const Sign> go_body_signs();  // instead of them, once a response had begun
std::span<const Sign> haproxy_notices();
std::span<const Sign> haproxy_connection_errors();  // %[bc_err_str] and %[ssl_bc_err_str]

// Tables of codes.
std::span<const Sign> haproxy_states();  // first two letters: "SH"
std::span<const Sign> haproxy_errors();  // names of %[bc_err] and reasons of checks
std::span<const Sign> envoy_flags();
std::span<const Sign> envoy_details();  // messages: matched anywhere
std::span<const Sign> http_statuses();
std::span<const Sign> http2_errors();
std::span<const Sign> errno_codes();
std::span<const Sign> tls_alerts();
std::span<const Sign> curl_codes();
std::span<const Sign> grpc_codes();
std::span<const Sign> alb_reasons();

}  // namespace gg
