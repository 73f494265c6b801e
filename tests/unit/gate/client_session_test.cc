// SPDX-License-Identifier: Apache-2.0
#include "gate/client_session.h"

#include <gtest/gtest.h>

#include "unit/gate/gate_fixture.h"

namespace gg {
namespace {

class ClientSessionTest : public GateFixture {
 protected:
  ~ClientSessionTest() override {
    if (client_ == nullptr) return;
    client_->close();
    pass(3s);
    EXPECT_TRUE(is_over());
  }

  /// The session begins with the first use of its client.
  SimPeer& client() {
    if (client_ == nullptr) start();
    return *client_;
  }
  ClientSession& session() {
    client();
    return *session_;
  }
  void connect_from(const Address& peer) { peer_ = peer; }
  /// The client says it, and the gateway does what it can.
  void say(std::string_view bytes) {
    client().say(bytes);
    pass();
  }
  bool is_over() const { return !is_running(); }
  void expect_gauges(int idle, int active) {
    EXPECT_EQ(counters_.client_connections_idle.read(), idle);
    EXPECT_EQ(counters_.requests_active.read(), active);
  }

 private:
  void start() {
    upstreams_.emplace(engine(), snapshot().config(), snapshot().head_limits(), shared_upstreams(),
                       counters_, snapshot().upstream_slots());
    proxy_.emplace(engine(), *upstreams_, keeper(), counters_, nullptr);
    context_.emplace(
        SessionContext{.snapshot = snapshot(), .proxy = *proxy_, .counters = counters_});
    Connected connected = connect();
    client_ = connected.peer;
    session_ = std::make_unique<ClientSession>(
        *context_, std::make_unique<PlainStream>(std::move(connected.socket)),
        ClientFacts{.peer = peer_, .listener = "test", .connection_id = 1});
    begin(session_->serve());
    pass();
  }

  Counters counters_;
  std::optional<Upstreams> upstreams_;
  std::optional<Proxy> proxy_;
  std::optional<SessionContext> context_;
  Address peer_ = Address::v4({10, 9, 8, 7}, 4000);
  SimPeer* client_ = nullptr;
  std::unique_ptr<ClientSession> session_;
};

TEST_F(ClientSessionTest, RequestsOfAConnectionAreServedOneAfterTheOther) {
  client().say(get("/a") + get("/b"));
  SimPeer& origin = accept();
  origin.say(ok("1"));
  pass();
  origin.say(ok("2"));
  pass();

  EXPECT_EQ(client().heard(), ok("1") + ok("2"));
  ASSERT_EQ(records().size(), 2U);
  EXPECT_EQ(records()[0].target, "/a");
  EXPECT_EQ(records()[0].number, 1U);
  EXPECT_EQ(records()[1].target, "/b");
  EXPECT_EQ(records()[1].number, 2U);
}

TEST_F(ClientSessionTest, AConnectionIsIdleOrHasARequest) {
  client();
  expect_gauges(1, 0);

  say(get("/"));
  expect_gauges(0, 1);

  accept().say(ok("x"));
  pass();
  expect_gauges(1, 0);

  client().close();
  pass();
  expect_gauges(0, 0);
}

TEST_F(ClientSessionTest, APipelinedRequestDoesNotMakeTheConnectionIdle) {
  client().say(get("/a") + get("/b"));
  SimPeer& origin = accept();
  origin.say(ok("1"));
  pass();

  expect_gauges(0, 1);

  origin.say(ok("2"));
}

TEST_F(ClientSessionTest, AClientThatLeavesBetweenRequestsIsNotRecorded) {
  client().close();
  pass();

  EXPECT_TRUE(is_over());
  EXPECT_TRUE(records().empty());
}

TEST_F(ClientSessionTest, AClientThatIdlesForTooLongIsClosedWithoutAWord) {
  config().timeouts.idle = 20s;
  client();
  pass(19s);
  EXPECT_FALSE(is_over());
  pass(2s);

  EXPECT_TRUE(is_over());
  EXPECT_EQ(client().heard(), "");
  EXPECT_TRUE(client().saw_end());
  EXPECT_TRUE(records().empty());
}

TEST_F(ClientSessionTest, AClientTooSlowWithItsHeadIsToldSo) {
  config().timeouts.head = 5s;
  say("GET / HTTP/1.1\r\n");
  pass(6s);

  EXPECT_TRUE(client().heard().starts_with("HTTP/1.1 408 "));
  ASSERT_EQ(records().size(), 1U);
  EXPECT_EQ(records()[0].status, 408);
}

TEST_F(ClientSessionTest, AMalformedHeadIsAnsweredAndEndsTheConnection) {
  say("GET / HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n\r\n" + get("/never"));
  client().close();
  pass(3s);

  EXPECT_TRUE(client().heard().starts_with("HTTP/1.1 400 "));
  EXPECT_NE(client().heard().find("Connection: close\r\n"), std::string::npos);
  ASSERT_EQ(records().size(), 1U);
  EXPECT_EQ(records()[0].fault, Fault::request_malformed);
  EXPECT_TRUE(is_over());
}

TEST_F(ClientSessionTest, AClientThatLeavesInAHeadIsRecordedAndNotAnswered) {
  say("GET / HTTP/1.1\r\n");
  client().close();
  pass();

  EXPECT_TRUE(is_over());
  ASSERT_EQ(records().size(), 1U);
  EXPECT_EQ(records()[0].status, 0);
  EXPECT_EQ(client().heard(), "");
}

// Ends.

TEST_F(ClientSessionTest, DrainingEndsAnIdleConnectionAtOnce) {
  session().drain();
  pass();

  EXPECT_TRUE(is_over());
  EXPECT_TRUE(client().saw_end());
  EXPECT_TRUE(records().empty());
}

TEST_F(ClientSessionTest, DrainingLetsARequestEndAndSaysThatItIsTheLast) {
  say(get("/a"));
  SimPeer& origin = accept();

  session().drain();
  pass();
  EXPECT_FALSE(is_over());
  origin.say(ok("x"));
  pass();

  EXPECT_EQ(client().heard(),
            "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
  EXPECT_TRUE(client().saw_end());
}

TEST_F(ClientSessionTest, DrainingServesNoRequestThatWaits) {
  client().say(get("/a") + get("/b"));
  SimPeer& origin = accept();
  session().drain();
  origin.say(ok("x"));
  pass();

  EXPECT_EQ(records().size(), 1U);
}

TEST_F(ClientSessionTest, CuttingEndsARequestThatIsUnderWay) {
  say(get("/a"));
  SimPeer& origin = accept();
  origin.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
  pass(100ms);  // longer than the beginning of a response is held back

  session().cut();
  origin.say("def");
  pass();

  EXPECT_FALSE(client().is_open());
  EXPECT_TRUE(is_over());
  EXPECT_EQ(records().size(), 1U);
}

TEST_F(ClientSessionTest, CuttingTellsAClientThatWaitsForAnEndpoint) {
  say("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc");
  SimPeer& origin = accept();
  pass();

  session().cut();
  pass();

  EXPECT_TRUE(client().heard().starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(client().saw_end());
  EXPECT_TRUE(origin.saw_reset());
  ASSERT_EQ(records().size(), 1U);
  EXPECT_EQ(records()[0].fault, Fault::gateway_draining);
}

TEST_F(ClientSessionTest, AbortingEndsTheWaitForAnEndpointWithoutAWord) {
  say("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc");
  SimPeer& origin = accept();
  pass();

  session().abort();
  pass();

  EXPECT_TRUE(is_over());
  EXPECT_TRUE(origin.saw_reset());
  ASSERT_EQ(records().size(), 1U);
  EXPECT_EQ(records()[0].status, 0);
}

TEST_F(ClientSessionTest, CuttingEndsAnAttemptToConnect) {
  client();
  world().network().set_answer(peer_address(), ConnectAnswer::black_hole);
  say(get("/a"));

  session().cut();
  pass();

  EXPECT_TRUE(client().heard().starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(records().size(), 1U);
}

TEST_F(ClientSessionTest, CuttingEndsAnIdleConnectionAtOnce) {
  client();

  session().cut();
  pass();

  EXPECT_TRUE(is_over());
  EXPECT_TRUE(records().empty());
}

// Who it is.

TEST_F(ClientSessionTest, ARequestIsRecordedWithItsPeersAddress) {
  connect_from(*parse_ip("2001:db8::7", 4000));
  say(get("/"));
  accept().say(ok("x"));
  pass();

  EXPECT_EQ(records().at(0).peer, "2001:db8::7");
}

TEST_F(ClientSessionTest, OnlyATrustedProxysRequestIdIsBelieved) {
  config().trusted_proxies = {
      {.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 9}, .prefix_bits = 112}};
  say("GET / HTTP/1.1\r\nHost: h\r\nX-Request-Id: theirs-1\r\n\r\n");
  accept().say(ok("x"));
  pass();

  EXPECT_EQ(records().at(0).id, "theirs-1");
}

TEST_F(ClientSessionTest, AStrangersRequestIdIsNotBelieved) {
  say("GET / HTTP/1.1\r\nHost: h\r\nX-Request-Id: theirs-1\r\n\r\n");
  accept().say(ok("x"));
  pass();

  EXPECT_NE(records().at(0).id, "theirs-1");
}

}  // namespace
}  // namespace gg
