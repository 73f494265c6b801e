// SPDX-License-Identifier: Apache-2.0
#include "diagnose/codes/sign.h"

#include <gtest/gtest.h>

#include <set>

namespace gg {
namespace {

struct Case {
  std::span<const Sign> (*table)();
  std::string_view message;
  Fault cause;  // the first; `none`: known, but no failure
};

using enum Fault;

constexpr Case cases[] = {
    {nginx_signs, "connect() failed (111: Connection refused) while connecting to upstream",
     connect_refused},
    {nginx_signs, "connect() failed (113: No route to host) while connecting to upstream",
     host_unreachable},
    {nginx_signs,
     "connect() to unix:/run/a.sock failed (11: Resource temporarily unavailable) while "
     "connecting to upstream",
     unix_backlog_full},
    {nginx_signs, "upstream timed out (110: Connection timed out) while connecting to upstream",
     connect_timeout},
    {nginx_signs,
     "upstream timed out (110: Connection timed out) while reading response header from upstream",
     head_timeout},
    {nginx_signs, "upstream timed out (110: Connection timed out) while reading upstream",
     body_timeout},
    {nginx_signs,
     "upstream timed out (110: Connection timed out) while proxying upgraded connection",
     tunnel_cut},
    {nginx_signs, "recv() failed (104: Connection reset by peer) while reading upstream",
     body_reset},
    {nginx_signs,
     "recv() failed (104: Connection reset by peer) while reading response header from upstream",
     keep_alive_race},
    {nginx_signs, "upstream prematurely closed connection while reading upstream", body_truncated},
    {nginx_signs, "app.internal could not be resolved (3: Host not found)", dns_no_such_name},
    {nginx_signs, "8192 worker_connections are not enough while connecting to upstream",
     connection_slots_exhausted},
    {nginx_signs,
     "SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong version number) while SSL "
     "handshaking to upstream",
     tls_not_spoken},
    {nginx_signs,
     "SSL_do_handshake() failed (SSL: error:0A000410:SSL routines::sslv3 alert handshake "
     "failure:SSL alert number 40) while SSL handshaking to upstream",
     tls_alert_received},
    {nginx_signs, "SSL_do_handshake() failed (SSL: ...) while SSL handshaking", none},
    {nginx_signs,
     "upstream SSL certificate verify error: (10:certificate has expired) while SSL handshaking to "
     "upstream",
     tls_certificate_expired},
    {nginx_signs, "upstream prematurely sent response while reading response header from upstream",
     tls_not_spoken},
    {nginx_signs, "upstream sent settings frame with invalid length: 3", http2_violation},
    {nginx_signs, "upstream sent unexpected http2 frame: 3", http2_violation},
    {nginx_signs, "upstream sent no :status header", head_malformed},
    {nginx_signs, "upstream sent zero http2 header name length", head_malformed},
    {nginx_signs, "upstream prematurely closed FastCGI request", closed_before_head},
    {nginx_signs, "upstream sent data after final chunk", body_excess},
    {nginx_signs, "client intended to send too large body: 2000000 bytes", request_body_too_large},
    {apache_signs,
     "(111)Connection refused: AH00957: http: attempt to connect to 127.0.0.1:9 (127.0.0.1:9) "
     "failed",
     connect_refused},
    {apache_signs,
     "(70007)The timeout specified has expired: [client 127.0.0.1:1] AH01102: error reading status "
     "line from remote server 127.0.0.1:9",
     head_timeout},
    {go_signs, "dial tcp 127.0.0.1:9: connect: connection refused", connect_refused},
    {go_signs, "dial tcp: lookup app on 127.0.0.11:53: no such host", dns_no_such_name},
    {go_signs, "unexpected EOF", body_truncated},
    {go_signs, "EOF", keep_alive_race},
    {haproxy_notices,
     "Server app/s1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\"",
     connect_refused},
    {envoy_details,
     "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_111}",
     none},
    {envoy_details, "delayed connect error: 111", connect_refused},
};

TEST(Signs, EachMessageBearsTheSignOfItsCause) {
  for (const Case& one : cases) {
    const Sign* sign = find_sign(one.table(), one.message);
    Fault cause = sign == nullptr ? none : sign->causes[0];
    EXPECT_EQ(cause, one.cause) << one.message;
  }
}

TEST(Signs, AMessageMustBeginWithItsSignUnlessItIsSearchedFor) {
  std::string_view line = "2026/11/22 [error] 1#1: *5 connect() failed (111: Connection refused)";

  EXPECT_EQ(find_sign(nginx_signs(), line), nullptr);
  EXPECT_NE(find_sign(nginx_signs(), line, true), nullptr);
}

TEST(Signs, NoCodeStandsInATableTwice) {
  for (auto* table : {haproxy_states, haproxy_errors, envoy_flags, http_statuses, http2_errors,
                      errno_codes, tls_alerts, curl_codes, grpc_codes, alb_reasons}) {
    std::set<std::string_view> seen;
    for (const Sign& sign : table()) EXPECT_TRUE(seen.insert(sign.code).second) << sign.code;
  }
}

TEST(Signs, SeveralCausesAreToldApart) {
  for (auto* table : {nginx_signs, apache_signs, go_signs, go_fresh_head_signs, go_body_signs}) {
    for (const Sign& sign : table()) {
      if (causes_of(sign).size() < 3) continue;
      EXPECT_FALSE(sign.settle.empty() && sign.also.empty() && sign.code != "upstream timed out")
          << sign.code;
    }
  }
}

}  // namespace
}  // namespace gg
