// SPDX-License-Identifier: Apache-2.0
#include "diagnose/codes/lookup.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gg {
namespace {

struct Case {
  std::string_view typed;
  std::string_view vocabulary;  // of the first reading
  Fault cause;                  // the first
};

using enum Fault;

constexpr Case cases[] = {
    {"H1", "cause of Goodgate", keep_alive_race},
    {"keep_alive_race", "cause of Goodgate", keep_alive_race},
    {" n1 ", "cause of Goodgate", connect_refused},
    {"tls_certificate_error", "Proxy-Status error type of RFC 9209", tls_untrusted_certificate},
    {"goodgate; error=connection_refused; details=x", "Proxy-Status error type of RFC 9209",
     dns_stale_answer},
    {"504", "HTTP status", head_timeout},
    {"HTTP 504", "HTTP status", head_timeout},
    {"UC", "Envoy response flag", keep_alive_race},
    {"UF,URX", "Envoy response flag", connect_refused},
    {"NoHealthyUpstream", "Envoy response flag", no_healthy_endpoint},
    {"SH--", "HAProxy termination state", closed_before_head},
    {"sC", "HAProxy termination state", connect_timeout},
    {"sQVN", "HAProxy termination state", queue_wait_exceeded},
    {"L7TOUT", "HAProxy error", head_timeout},
    {"curl 52", "curl exit status", closed_before_head},
    {"curl: (7) Failed to connect to localhost port 1", "curl exit status", connect_refused},
    {"CURLE_GOT_NOTHING", "curl exit status", closed_before_head},
    {"alert 116", "TLS alert", tls_client_certificate_rejected},
    {"SSL alert number 112", "TLS alert", tls_alert_received},
    {"unknown_ca", "TLS alert", tls_client_certificate_rejected},
    {"errno 113", "system error", host_unreachable},
    {"EHOSTUNREACH", "system error", host_unreachable},
    {"No route to host", "system error", host_unreachable},
    {"grpc 14", "gRPC status", connect_refused},
    {"DEADLINE_EXCEEDED", "gRPC status", exchange_deadline},
    {"REFUSED_STREAM", "HTTP/2 error code", stream_refused},
    {"h2 0xb", "HTTP/2 error code", stream_reset},
    {"2026/11/22 21:10:03 [error] 7#7: *5 connect() failed (111: Connection refused) while "
     "connecting to upstream, client: 10.0.0.1, server: , upstream: \"http://10.0.0.2:80/\"",
     "message of nginx", connect_refused},
    {"upstream sent too big header while reading response header from upstream", "message of nginx",
     head_too_large},
    {"AH01102: error reading status line from remote server", "message of Apache",
     closed_before_head},
    {"dial tcp 10.0.0.2:80: connect: connection refused",
     "message of Go's libraries (Caddy, Traefik)", connect_refused},
    {"upstream_reset_before_response_started{connection_termination}", "detail of Envoy",
     keep_alive_race},
};

TEST(Lookup, KnowsEveryErrorTypeOfRfc9209) {
  for (std::string_view type : {"dns_timeout",
                                "dns_error",
                                "destination_not_found",
                                "destination_unavailable",
                                "destination_ip_prohibited",
                                "destination_ip_unroutable",
                                "connection_refused",
                                "connection_terminated",
                                "connection_timeout",
                                "connection_read_timeout",
                                "connection_write_timeout",
                                "connection_limit_reached",
                                "tls_protocol_error",
                                "tls_certificate_error",
                                "tls_alert_received",
                                "http_request_error",
                                "http_request_denied",
                                "http_response_incomplete",
                                "http_response_header_section_size",
                                "http_response_header_size",
                                "http_response_body_size",
                                "http_response_trailer_section_size",
                                "http_response_trailer_size",
                                "http_response_transfer_coding",
                                "http_response_content_coding",
                                "http_response_timeout",
                                "http_upgrade_failed",
                                "http_protocol_error",
                                "proxy_internal_response",
                                "proxy_internal_error",
                                "proxy_configuration_error",
                                "proxy_loop_detected"}) {
    std::string typed = "error=" + std::string(type);
    std::vector<Reading> readings = find_readings(typed);
    ASSERT_FALSE(readings.empty()) << type;
    EXPECT_EQ(readings.front().vocabulary, "Proxy-Status error type of RFC 9209") << type;
  }
}

TEST(Lookup, ReadsWhatPeopleType) {
  for (const Case& one : cases) {
    std::vector<Reading> readings = find_readings(one.typed);
    ASSERT_FALSE(readings.empty()) << one.typed;
    EXPECT_EQ(readings.front().vocabulary, one.vocabulary) << one.typed;
    ASSERT_FALSE(readings.front().causes.empty()) << one.typed;
    EXPECT_EQ(readings.front().causes.front(), one.cause) << one.typed;
  }
}

TEST(Lookup, ANumberOfSeveralKindsHasSeveralReadings) {
  std::vector<std::string_view> kinds;
  for (const Reading& reading : find_readings("7")) kinds.push_back(reading.vocabulary);

  EXPECT_EQ(kinds, (std::vector<std::string_view>{"curl exit status", "gRPC status",
                                                  "HTTP/2 error code"}));
}

TEST(Lookup, NonsenseHasNone) {
  for (std::string_view typed : {"", "   ", "zz", "999999", "-", "hello world how are you"}) {
    EXPECT_TRUE(find_readings(typed).empty()) << typed;
  }
}

TEST(Lookup, NamesTheNearest) {
  std::vector<std::string> near = nearest_codes("keepalive_race");

  ASSERT_FALSE(near.empty());
  EXPECT_EQ(near.front(), "keep_alive_race");
  EXPECT_TRUE(nearest_codes("qqqq").empty());
}

}  // namespace
}  // namespace gg
