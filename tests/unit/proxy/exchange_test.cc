// SPDX-License-Identifier: Apache-2.0
// The life of one request at one endpoint. What endpoints, clients and the network can do to it is
// the business of tests/sim/.
#include "proxy/exchange.h"

#include <gtest/gtest.h>

#include "exchange_fixture.h"

namespace gg {
namespace {

struct Kept {
  std::string id;
  std::string route;
  std::string upstream;
  int status = 0;
  Fault fault = Fault::none;
  Retry verdict = Retry::not_asked;
  std::size_t attempts = 0;
  std::vector<Fault> attempt_faults;
  std::uint64_t response_body_bytes = 0;
  bool kept_connection = false;
};

class Keeper final : public RecordSink {
 public:
  void finished(const ExchangeRecord& record) override {
    Kept kept{.id = std::string(record.id.view()),
              .route = std::string(record.route),
              .upstream = std::string(record.upstream),
              .status = record.status,
              .fault = record.fault,
              .verdict = record.verdict,
              .attempts = record.attempts_made(),
              .attempt_faults = {},
              .response_body_bytes = record.response_body_bytes,
              .kept_connection = record.client_connection_kept};
    for (std::size_t i = 0; i < record.attempts_recorded(); ++i) {
      kept.attempt_faults.push_back(record.attempt(i).fault);
    }
    all.push_back(std::move(kept));
  }

  std::vector<Kept> all;
};

class ExchangeTest : public ExchangeFixture {
 protected:
  /// The gateway begins to serve this request.
  void ask(std::string_view request) { begin(proxy().handle(receive(request))); }
  void ask_for_root() { ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n"); }
  /// Serves it to its end, with the endpoint's answer on a connection of its own.
  void ask_and_answer(std::string_view request, std::string_view response) {
    ask(request);
    accept().say(response);
    finish();
  }
  void finish() {
    pass(1s);
    GG_ASSERT(!is_running());
  }
  const Kept& record() {
    GG_ASSERT(!keeper_.all.empty());
    return keeper_.all.back();
  }
  std::size_t records() const { return keeper_.all.size(); }
  Endpoint& endpoint() { return *upstreams().at(0).endpoints().front(); }
  /// So many connections wait in the pool.
  std::vector<SimPeer*> fill_pool(std::size_t count) {
    std::vector<SimPeer*> peers;
    for (std::size_t i = 0; i < count; ++i) {
      GG_ASSERT(endpoint().reserve_connection());
      Connected connected = connect();
      peers.push_back(connected.peer);
      std::unique_ptr<UpstreamConnection> connection = endpoint().adopt(
          std::make_unique<PlainStream>(std::move(connected.socket)), peer_address());
      OutgoingRequest request{
          .method = Method::get, .method_text = "GET", .target = "/", .authority = "h"};
      GG_ASSERT(await(connection->http.send_head(request, {}, Deadline::never())).has_value());
      connected.peer->say("HTTP/1.1 204 No Content\r\n\r\n");
      GG_ASSERT(await(connection->http.read_head(Deadline::never())).has_value());
      spare_.push_back(std::move(connection));
    }
    for (std::unique_ptr<UpstreamConnection>& connection : spare_) {
      endpoint().give_back(std::move(connection));
    }
    spare_.clear();
    for (SimPeer* peer : peers) peer->hear();
    return peers;
  }
  /// As if requests that can be sent again had shown that idle connections work.
  void prove_reuse() {
    std::unique_ptr<UpstreamConnection> connection = endpoint().take_idle(ConnectionNeed::any);
    for (int i = 0; i < 3; ++i) endpoint().note_reuse(*connection, 1min, Fault::none);
    endpoint().give_back(std::move(connection));
  }
  Proxy& proxy() {
    if (!proxy_) proxy_.emplace(engine(), upstreams(), keeper_, counters_, nullptr);
    return *proxy_;
  }

 private:
  Upstreams& upstreams() {
    if (!upstreams_) {
      shared_.emplace(snapshot().config());
      upstreams_.emplace(engine(), snapshot().config(), snapshot().head_limits(), *shared_,
                         counters_, snapshot().upstream_slots());
    }
    return *upstreams_;
  }

  Counters counters_;
  Keeper keeper_;
  std::optional<SharedUpstreams> shared_;
  std::optional<Upstreams> upstreams_;
  std::vector<std::unique_ptr<UpstreamConnection>> spare_;
  std::optional<Proxy> proxy_;
};

TEST_F(ExchangeTest, ARequestIsAnsweredByItsEndpointAndRecordedOnce) {
  ask_and_answer("GET /a HTTP/1.1\r\nHost: h\r\n\r\n",
                 "HTTP/1.1 200 Fine\r\nDate: x\r\nContent-Length: 2\r\n\r\nok");

  EXPECT_EQ(client().heard(), "HTTP/1.1 200 Fine\r\nDate: x\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_EQ(records(), 1U);
  EXPECT_EQ(record().status, 200);
  EXPECT_EQ(record().fault, Fault::none);
  EXPECT_EQ(record().attempts, 1U);
  EXPECT_EQ(record().response_body_bytes, 2U);
  EXPECT_EQ(record().route, "/");
  EXPECT_EQ(record().upstream, snapshot().config().upstreams[0].name);
  EXPECT_EQ(record().id.size(), 32U);
  EXPECT_TRUE(record().kept_connection);
  EXPECT_EQ(endpoint().idle_connections(), 1U);
}

TEST_F(ExchangeTest, TheBodyOfARequestReachesItsEndpoint) {
  ask("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc");
  SimPeer& origin = accept();
  pass();
  client().say("def");
  pass();
  EXPECT_TRUE(origin.heard().ends_with("\r\n\r\nabcdef"));

  origin.say("HTTP/1.1 204 Done\r\n\r\n");
  finish();

  EXPECT_EQ(record().status, 204);
  EXPECT_EQ(record().fault, Fault::none);
}

TEST_F(ExchangeTest, ARefusedConnectionIsA502ThatSaysSo) {
  client();
  world().network().set_answer(peer_address(), ConnectAnswer::refuse);
  ask_for_root();
  finish();

  EXPECT_TRUE(client().heard().starts_with("HTTP/1.1 502 "));
  EXPECT_NE(client().heard().find("Proxy-Status: gw; error=connection_refused"), std::string::npos);
  EXPECT_NE(client().heard().find("X-Request-Id: " + record().id), std::string::npos);
  EXPECT_EQ(record().fault, Fault::connect_refused);
  EXPECT_EQ(record().verdict, Retry::no_endpoint_left);
}

TEST_F(ExchangeTest, ARequestThatWasHereBeforeIsALoop) {
  ask("GET / HTTP/1.1\r\nHost: h\r\nVia: 1.1 gw\r\n\r\n");
  finish();

  EXPECT_EQ(record().fault, Fault::loop_detected);
  EXPECT_EQ(record().attempts, 0U);
}

TEST_F(ExchangeTest, TunnelsToAnywhereAreRefused) {
  ask("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n");
  finish();

  EXPECT_EQ(record().fault, Fault::method_not_supported);
  EXPECT_TRUE(client().heard().starts_with("HTTP/1.1 501 "));
}

TEST_F(ExchangeTest, AnOptionsRequestWithoutHopsLeftIsAnsweredHere) {
  ask("OPTIONS / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 0\r\n\r\n");
  finish();

  EXPECT_TRUE(client().heard().starts_with("HTTP/1.1 200 OK\r\nAllow: GET"));
  EXPECT_EQ(record().attempts, 0U);
}

TEST_F(ExchangeTest, AnErrorThatNobodyDoesBetterThanIsPassedOn) {
  ask_and_answer("GET / HTTP/1.1\r\nHost: h\r\n\r\n",
                 "HTTP/1.1 503 Busy\r\nDate: x\r\nContent-Length: 4\r\n\r\nbusy");

  EXPECT_EQ(client().heard(),
            "HTTP/1.1 503 Busy\r\nDate: x\r\nProxy-Status: gw; received-status=503\r\n"
            "Content-Length: 4\r\n\r\nbusy");
  EXPECT_EQ(record().fault, Fault::upstream_error_status);
}

TEST_F(ExchangeTest, AnEndpointThatDoesNotAnswerInTimeIsA504) {
  upstream_config().timeouts.first_byte = 5s;
  ask_for_root();
  accept();
  pass(4s);
  EXPECT_EQ(records(), 0U);

  pass(2s);

  EXPECT_EQ(record().fault, Fault::head_timeout);
  EXPECT_TRUE(client().heard().starts_with("HTTP/1.1 504 "));
}

TEST_F(ExchangeTest, AResponseThatBreaksOffIsNeverEndedCleanly) {
  ask_for_root();
  SimPeer& origin = accept();
  origin.say("HTTP/1.1 200 OK\r\nDate: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  pass(route_config().retry.hold_back_time + 10ms);
  origin.close();
  finish();

  EXPECT_TRUE(client().heard().ends_with("3\r\nabc\r\n"));
  EXPECT_FALSE(client().is_open());
  EXPECT_EQ(record().fault, Fault::body_truncated);
  EXPECT_FALSE(record().kept_connection);
}

TEST_F(ExchangeTest, ARequestLostToAKeepAliveRaceIsSentOnAFreshConnection) {
  fill_pool(1).front()->close_at_next_bytes();
  ask_for_root();
  accept().say("HTTP/1.1 204 Done\r\n\r\n");
  finish();

  EXPECT_EQ(record().status, 204);
  ASSERT_EQ(record().attempts, 2U);
  EXPECT_EQ(record().attempt_faults[0], Fault::keep_alive_race);
}

TEST_F(ExchangeTest, SeveralStaleConnectionsDoNotUseUpTheAttempts) {
  for (SimPeer* stale : fill_pool(4)) stale->close_at_next_bytes();
  ask_for_root();
  accept().say("HTTP/1.1 204 Done\r\n\r\n");
  finish();

  EXPECT_EQ(record().status, 204);
  EXPECT_EQ(record().attempts, 2U);
}

TEST_F(ExchangeTest, APostLostToAKeepAliveRaceIsNotSentAgain) {
  for (SimPeer* peer : fill_pool(2)) peer->close_at_next_bytes();
  prove_reuse();
  ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  finish();

  EXPECT_EQ(record().attempts, 1U);
  EXPECT_EQ(record().verdict, Retry::no_request_may_have_run);
  EXPECT_TRUE(client().heard().starts_with("HTTP/1.1 502 "));
}

TEST_F(ExchangeTest, APostIsNotSentOnAConnectionThatIsNotProven) {
  fill_pool(2).front()->close_at_next_bytes();
  ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  accept().say("HTTP/1.1 204 Done\r\n\r\n");
  finish();

  EXPECT_EQ(record().attempts, 1U);
  EXPECT_EQ(record().status, 204);
}

TEST_F(ExchangeTest, WhatCouldNotBeReadIsAnsweredAndRecorded) {
  Exchange& exchange = receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  await(proxy().refuse(exchange, Fault::request_malformed, MessageError::bad_field_name));
  pass();

  EXPECT_TRUE(client().heard().starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(record().fault, Fault::request_malformed);
}

}  // namespace
}  // namespace gg
