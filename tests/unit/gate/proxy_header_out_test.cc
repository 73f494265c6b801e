// SPDX-License-Identifier: Apache-2.0
// PROXY headers towards endpoints, and whose connections those are then.
#include <gtest/gtest.h>

#include "net/proxy_protocol.h"
#include "unit/gate/http2_fixture.h"

namespace gg {
namespace {

class ProxyHeaderOut : public Http2Fixture {
 protected:
  void begin_with(ProxyHeaderUse use) { config().upstreams.front().proxy_protocol = use; }
  /// What an endpoint's connection began with; the rest of what it heard follows.
  static ProxyHeader header_of(const SimPeer& origin) {
    Result<std::optional<ProxyHeader>, ProxyHeaderError> header =
        parse_proxy_header(origin.heard());
    EXPECT_TRUE(header.has_value() && header->has_value()) << origin.heard();
    return header && *header ? **header : ProxyHeader{};
  }
  static std::string behind_header(const SimPeer& origin) {
    return origin.heard().substr(header_of(origin).size);
  }
};

TEST_F(ProxyHeaderOut, NamesTheClientAndWhatItConnectedTo) {
  begin_with(ProxyHeaderUse::v2);
  say(GateFixture::get("/"));
  SimPeer& origin = accept();
  pass();
  ProxyHeader header = header_of(origin);
  EXPECT_EQ(header.kind, ProxyHeader::Kind::proxied);
  EXPECT_NE(header.source.port, 0);
  EXPECT_EQ(header.destination, gateway_address());
  EXPECT_TRUE(behind_header(origin).starts_with("GET / HTTP/1.1\r\n"));
  origin.say(ok("x"));
  pass();
  EXPECT_EQ(records().at(0).peer, ip_text(header.source));
}

TEST_F(ProxyHeaderOut, IsTextInVersion1) {
  begin_with(ProxyHeaderUse::v1);
  say(GateFixture::get("/"));
  SimPeer& origin = accept();
  pass();
  EXPECT_TRUE(origin.heard().starts_with("PROXY TCP4 ")) << origin.heard();
  EXPECT_EQ(header_of(origin).destination, gateway_address());
  origin.say(ok("x"));
  pass();
}

TEST_F(ProxyHeaderOut, ComesOncePerConnectionWhichTheClientKeeps) {
  begin_with(ProxyHeaderUse::v2);
  say(GateFixture::get("/1"));
  SimPeer& origin = accept();
  pass();
  origin.say(ok("x"));
  pass();
  origin.hear();
  say(GateFixture::get("/2"));
  EXPECT_TRUE(origin.heard().starts_with("GET /2 HTTP/1.1\r\n")) << origin.heard();
  origin.say(ok("x"));
  pass();
}

TEST_F(ProxyHeaderOut, AConnectionIsNeverAnotherClients) {
  begin_with(ProxyHeaderUse::v2);
  say(GateFixture::get("/1"));
  SimPeer& first = accept();
  pass();
  first.say(ok("x"));
  pass();
  std::size_t heard = first.heard().size();

  SimPeer& other = connect_to(gateway_address());
  other.say(GateFixture::get("/2"));
  pass();
  SimPeer& second = accept();
  pass();
  EXPECT_EQ(first.heard().size(), heard);
  EXPECT_TRUE(behind_header(second).starts_with("GET /2 "));
  EXPECT_NE(header_of(first).source, header_of(second).source);
  second.say(ok("x"));
  pass();

  other.close();
  say(GateFixture::get("/3"));
  EXPECT_NE(first.heard().find("GET /3 "), std::string::npos);
  first.say(ok("x"));
  pass();
  EXPECT_EQ(records().size(), 3U);
}

TEST_F(ProxyHeaderOut, RequestsOfOneHttp2ConnectionAreOneClients) {
  begin_with(ProxyHeaderUse::v1);
  hello();
  say(http2::get_frame(1, "/1"));
  SimPeer& first = accept();
  say(http2::get_frame(3, "/2"));
  SimPeer& second = accept();
  pass();
  EXPECT_EQ(header_of(first).source, header_of(second).source);
  first.say(ok("x"));
  second.say(ok("x"));
  pass();
  EXPECT_EQ(status(1), "200");
  EXPECT_EQ(status(3), "200");
}

}  // namespace
}  // namespace gg
