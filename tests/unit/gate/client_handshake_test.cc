// SPDX-License-Identifier: Apache-2.0
#include "gate/client_handshake.h"

#include <gtest/gtest.h>

#include "support/http2_talk.h"
#include "unit/gate/gate_fixture.h"

namespace gg {
namespace {

const Address client_address = Address::v4({192, 0, 2, 7}, 4711);
const Address service_address = Address::v4({198, 51, 100, 1}, 443);

/// A worker whose clients come through proxies that say who they are.
class ProxyHeaders : public GateFixture {
 protected:
  ProxyHeaders() { trust_everybody(); }
  ~ProxyHeaders() override {
    if (!worker_) return;
    worker_->drain();
    worker_->cut();
    world().run(20s);
    EXPECT_TRUE(worker_->is_stopped());
    EXPECT_EQ(client_connections_.load(), 0U);
  }

  void trust_everybody() { config().trusted_proxies = {{.address = {}, .prefix_bits = 0}}; }
  void trust_nobody() { config().trusted_proxies.clear(); }

  Worker& worker() {
    if (!worker_) {
      WorkerShared shared{.snapshot = snapshot(),
                          .upstreams = shared_upstreams(),
                          .client_connections = client_connections_};
      worker_.emplace(engine(), shared, &keeper());
      GG_ASSERT(
          worker_->listen({.address = gateway_address(), .name = "test", .proxy_protocol = true})
              .has_value());
    }
    return *worker_;
  }
  SimPeer& connect_client(std::string_view bytes) {
    worker();
    SimPeer& client = connect_to(gateway_address());
    client.say(bytes);
    pass();
    return client;
  }
  /// What the endpoint is told of the client that sent this header and a request.
  std::string told_after(const std::string& header) {
    SimPeer& client = connect_client(header + get("/"));
    SimPeer& origin = accept();
    pass();
    std::string heard = origin.heard();
    origin.say(ok("x"));
    pass();
    EXPECT_EQ(client.heard(), ok("x"));
    origin.close();
    pass();
    std::size_t at = heard.find("X-Forwarded-For: ");
    if (at == std::string::npos) return heard;
    return heard.substr(at + 17, heard.find('\r', at) - at - 17);
  }
  /// The only record, of a connection that was refused.
  Fault refused_for(std::string_view bytes, Duration time = 10ms) {
    SimPeer& client = connect_client(bytes);
    pass(time);
    EXPECT_FALSE(client.is_open());
    EXPECT_EQ(client.heard(), "");
    EXPECT_EQ(records().size(), 1U);
    return records().empty() ? Fault::none : records().front().fault;
  }

 private:
  std::atomic<std::uint32_t> client_connections_{0};
  std::optional<Worker> worker_;
};

TEST_F(ProxyHeaders, OfBothVersionsNameTheClient) {
  EXPECT_EQ(told_after(proxy_header_v1(client_address, service_address)), "192.0.2.7");
  EXPECT_EQ(told_after(proxy_header_v2(client_address, service_address)), "192.0.2.7");
  EXPECT_EQ(records().back().peer, "192.0.2.7");
}

TEST_F(ProxyHeaders, MayNameAnAddressOfIpv4AsOneOfIpv6) {
  Address service{.family = AddressFamily::v6, .port = 443};

  EXPECT_EQ(told_after(proxy_header_v2(client_address, service)), "192.0.2.7");
}

TEST_F(ProxyHeaders, ThatNameNobodyLeaveTheProxyAsTheClient) {
  std::string proxy = told_after(own_proxy_header(ProxyHeaderUse::v2));

  EXPECT_NE(proxy, "192.0.2.7");
  EXPECT_EQ(told_after("PROXY UNKNOWN\r\n"), proxy);
}

TEST_F(ProxyHeaders, MayComeInPieces) {
  std::string all = proxy_header_v1(client_address, service_address) + get("/");
  SimPeer& client = connect_client("");
  for (char c : all) {
    client.say(std::string_view(&c, 1));
    pass(1ms);
  }
  accept().say(ok("x"));
  pass();

  EXPECT_EQ(client.heard(), ok("x"));
  EXPECT_EQ(records().back().peer, "192.0.2.7");
}

TEST_F(ProxyHeaders, ComeOncePerConnection) {
  std::string header = proxy_header_v1(client_address, service_address);
  SimPeer& client = connect_client(header + get("/1"));
  SimPeer& origin = accept();
  origin.say(ok("1"));
  pass();
  client.say(get("/2"));
  pass();
  origin.say(ok("2"));
  pass();
  client.say(header + get("/3"));
  pass();

  EXPECT_EQ(records().size(), 3U);
  EXPECT_EQ(records()[1].peer, "192.0.2.7");
  EXPECT_EQ(records()[2].status, 400);
}

TEST_F(ProxyHeaders, ComeBeforeHttp2Too) {
  SimPeer& client = connect_client(proxy_header_v2(client_address, service_address) +
                                   http2::hello() + http2::get_frame(1, "/"));
  accept().say(ok("x"));
  pass();

  Http2Ear ear;
  ear.hear(client.heard());
  EXPECT_EQ(ear.status(1), "200");
  EXPECT_EQ(records().back().peer, "192.0.2.7");
}

TEST_F(ProxyHeaders, AreNotGuessed) {
  EXPECT_EQ(refused_for(get("/")), Fault::client_proxy_header_missing);
}

TEST_F(ProxyHeaders, ThatAreWrongAreRefused) {
  EXPECT_EQ(refused_for("PROXY TCP4 192.0.2.7\r\n"), Fault::client_proxy_header_missing);
}

TEST_F(ProxyHeaders, ThatDoNotEndInTimeAreRefused) {
  EXPECT_EQ(refused_for("PROXY TCP4 ", 11s), Fault::client_proxy_header_missing);
}

TEST_F(ProxyHeaders, AreHeardFromNobodyElse) {
  trust_nobody();

  Fault fault = refused_for(proxy_header_v1(client_address, service_address) + get("/"));

  EXPECT_EQ(fault, Fault::client_not_a_trusted_proxy);
  EXPECT_NE(records().front().peer, "192.0.2.7");
}

TEST_F(ProxyHeaders, AreNotMissedOnAConnectionThatSaysNothingAtAll) {
  SimPeer& probe = connect_client("");
  probe.close();
  pass();

  EXPECT_TRUE(records().empty());
}

TEST_F(ProxyHeaders, AreNotWaitedForByAWorkerThatDrains) {
  SimPeer& client = connect_client("PROXY ");
  worker().drain();
  pass();

  EXPECT_FALSE(client.is_open());
  EXPECT_TRUE(worker().is_stopped());
  EXPECT_TRUE(records().empty());
}

}  // namespace
}  // namespace gg
