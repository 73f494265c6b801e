// SPDX-License-Identifier: Apache-2.0
#include "fault/proxy_status.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

std::string proxy_status(std::string_view deployment, Fault fault, const ProxyStatusFacts& facts) {
  std::string out;
  append_proxy_status(out, deployment, fault, facts);
  return out;
}

TEST(ProxyStatus, NamesTheDeploymentAndTheError) {
  EXPECT_EQ(proxy_status("edge-1", Fault::connect_refused, {}), "edge-1; error=connection_refused");
}

TEST(ProxyStatus, QuotesADeploymentThatIsNoToken) {
  EXPECT_EQ(proxy_status("10.0.0.1", Fault::head_timeout, {}),
            R"("10.0.0.1"; error=http_response_timeout)");
  EXPECT_EQ(proxy_status(R"(a "b\)", Fault::head_timeout, {}),
            R"("a \"b\\"; error=http_response_timeout)");
  EXPECT_EQ(proxy_status("", Fault::head_timeout, {}), R"(""; error=http_response_timeout)");
}

TEST(ProxyStatus, WritesNoByteThatAFieldCannotHold) {
  EXPECT_EQ(proxy_status("a\r\nSet-Cookie: x\xff", Fault::head_timeout, {}),
            R"("a??Set-Cookie: x?"; error=http_response_timeout)");
}

TEST(ProxyStatus, MarksAResponseOfTheUpstreamWithItsStatusAndNoError) {
  EXPECT_EQ(proxy_status("edge", Fault::upstream_error_status, {.received_status = 503}),
            "edge; received-status=503");
}

TEST(ProxyStatus, GivesTheParametersOfTheErrorType) {
  EXPECT_EQ(proxy_status("edge", Fault::dns_no_such_name, {.rcode = "NXDOMAIN"}),
            R"(edge; error=dns_error; rcode="NXDOMAIN")");
  EXPECT_EQ(proxy_status("edge", Fault::tls_alert_received, {.alert = 40}),
            "edge; error=tls_alert_received; alert-id=40");
  EXPECT_EQ(proxy_status("edge", Fault::head_too_large, {.size = 70000}),
            "edge; error=http_response_header_section_size; header-section-size=70000");
  EXPECT_EQ(proxy_status("edge", Fault::body_too_large, {.size = 9}),
            "edge; error=http_response_body_size; body-size=9");
  EXPECT_EQ(proxy_status("edge", Fault::trailers_too_large, {.size = 9}),
            "edge; error=http_response_trailer_section_size; trailer-section-size=9");
  EXPECT_EQ(proxy_status("edge", Fault::body_bad_chunk, {.coding = "chunked"}),
            "edge; error=http_response_transfer_coding; coding=chunked");
  EXPECT_EQ(proxy_status("edge", Fault::no_route, {}),
            "edge; error=http_request_error; status-code=404");
}

TEST(ProxyStatus, LeavesOutWhatIsUnknownOrCannotBeWritten) {
  EXPECT_EQ(proxy_status("edge", Fault::dns_no_such_name, {}), "edge; error=dns_error");
  EXPECT_EQ(proxy_status("edge", Fault::body_bad_chunk, {.coding = "a b"}),
            "edge; error=http_response_transfer_coding");
  EXPECT_EQ(proxy_status("edge", Fault::connect_refused, {.rcode = "NXDOMAIN", .size = 5}),
            "edge; error=connection_refused");
}

TEST(ProxyStatus, AnIntegerHasAtMostFifteenDigits) {
  EXPECT_EQ(proxy_status("edge", Fault::body_too_large, {.size = ~std::uint64_t{0}}),
            "edge; error=http_response_body_size; body-size=999999999999999");
}

TEST(ProxyStatus, TellsTheNextHopAndItsProtocol) {
  EXPECT_EQ(proxy_status("edge", Fault::connect_refused,
                         {.next_hop = "10.0.0.2:80", .next_protocol = "http/1.1"}),
            R"(edge; error=connection_refused; next-hop="10.0.0.2:80"; next-protocol=http/1.1)");
}

}  // namespace
}  // namespace gg
