// SPDX-License-Identifier: Apache-2.0
#include "upstream/http2_pool.h"

#include <gtest/gtest.h>

#include "support/http2_talk.h"
#include "support/sim_pair.h"
#include "upstream/endpoint.h"

namespace gg {
namespace {

/// An endpoint that is spoken to in HTTP/2 alone, and the far end of its connections.
class Http2PoolTest : public SimPair {
 protected:
  using Lent = std::unique_ptr<UpstreamConnection>;

  Http2PoolTest() { settings_.http2 = Http2Use::always; }

  /// Made on first use, so that a test may change settings before.
  Endpoint& endpoint() {
    if (!endpoint_) {
      settings_.endpoints = {config_};
      health_.emplace(settings_, nullptr, nullptr, Instant{});
      endpoint_.emplace(EndpointContext{.engine = engine(),
                                        .settings = settings_,
                                        .limits = limits_,
                                        .connections = connections_,
                                        .requests = requests_,
                                        .quickest = quickest_,
                                        .counters = counters_,
                                        .last_connection_id = last_id_,
                                        .health = *health_},
                        config_, 0);
    }
    return *endpoint_;
  }
  Opening& open() {
    GG_ASSERT(endpoint().reserve_connection());
    return endpoint().open(Deadline::after(engine().now(), 2s));
  }
  static std::string hello(std::string_view entries = {}) {
    return http2::settings_frame(entries) + http2::frame(http2::settings, http2::ack, 0, {});
  }
  /// The endpoint takes the connection and says hello.
  SimPeer& greet(std::string_view entries = {}) {
    SimPeer& peer = accept();
    peer.say(hello(entries));
    pass();
    return peer;
  }
  Lent take(Opening& opening) {
    Result<Lent, OpenError> taken = endpoint().take(opening);
    EXPECT_TRUE(taken);
    return taken ? std::move(*taken) : nullptr;
  }
  /// A connection that was used once and rests.
  SimPeer& open_idle(std::string_view entries = {}) {
    Opening& opening = open();
    SimPeer& peer = greet(entries);
    take(opening).reset();
    return peer;
  }
  void wait(Duration time) {
    pass(time);
    engine().turn(Duration::zero());
  }
  void expect_counts(std::size_t active, std::size_t idle, std::uint32_t reserved) {
    EXPECT_EQ(endpoint().active_connections(), active);
    EXPECT_EQ(endpoint().idle_connections(), idle);
    EXPECT_EQ(counters_.connections_active.read(), static_cast<std::int64_t>(active));
    EXPECT_EQ(counters_.connections_idle.read(), static_cast<std::int64_t>(idle));
    EXPECT_EQ(connections_.load(), reserved);
  }

  UpstreamConfig settings_;
  std::atomic<std::uint32_t> connections_{0};

 private:
  EndpointConfig config_{
      .url = {.scheme = Scheme::http, .host = "10.0.0.9", .port = 3000, .path = {}}};
  UpstreamCounters counters_;
  std::atomic<std::uint32_t> requests_{0};
  std::vector<QuickestAnswer> quickest_ = std::vector<QuickestAnswer>(8);
  HeadLimits limits_;
  std::uint64_t last_id_ = 0;
  std::optional<PoolHealth> health_;
  std::optional<Endpoint> endpoint_;
};

TEST_F(Http2PoolTest, AConnectionIsThereOnceItsEndpointHasSaidHello) {
  Opening& opening = open();
  SimPeer& peer = accept();
  pass(100ms);
  EXPECT_FALSE(opening.is_done());

  peer.say(hello());
  pass();

  ASSERT_TRUE(opening.is_done());
  Lent stream = take(opening);
  EXPECT_TRUE(stream->is_shared);
  expect_counts(1, 0, 1);
}

TEST_F(Http2PoolTest, WhoComesWhileAConnectionOpensSharesIt) {
  Opening& first = open();
  Opening& second = open();
  greet();

  Lent one = take(first);
  Lent other = take(second);

  EXPECT_EQ(one->id, other->id);
  EXPECT_EQ(other->requests, 2U);
  expect_counts(1, 0, 1);
}

TEST_F(Http2PoolTest, WhoFindsNoRoomOnItWaitsForAnotherConnection) {
  Opening& first = open();
  Opening& second = open();
  Opening& third = open();
  greet(http2::setting(3, 1));
  Lent one = take(first);
  EXPECT_FALSE(second.is_done());
  EXPECT_FALSE(third.is_done());

  greet(http2::setting(3, 2));
  Lent two = take(second);
  Lent three = take(third);

  EXPECT_NE(two->id, one->id);
  EXPECT_EQ(three->id, two->id);
  expect_counts(2, 0, 2);
}

TEST_F(Http2PoolTest, ConnectionsThatServeOneRequestAreNotShared) {
  settings_.keep_alive.enabled = false;
  Opening& first = open();
  Opening& second = open();
  greet();
  Lent one = take(first);
  greet();
  Lent two = take(second);

  EXPECT_NE(two->id, one->id);
  expect_counts(2, 0, 2);
}

TEST_F(Http2PoolTest, WhoFindsNoRoomFailsWhereNoMoreConnectionsMayBeOpened) {
  settings_.limits.connections = 1;
  Opening& first = open();
  Opening& second = open();
  greet(http2::setting(3, 1));
  Lent one = take(first);

  Result<Lent, OpenError> taken = endpoint().take(second);

  ASSERT_FALSE(taken);
  EXPECT_EQ(classify(taken.error(), false), Fault::stream_refused);
  expect_counts(1, 0, 1);
}

TEST_F(Http2PoolTest, WhoSharesAnOpeningFailsWithIt) {
  Opening& first = open();
  Opening& second = open();
  accept().close();
  pass();

  EXPECT_FALSE(endpoint().take(first));
  Result<Lent, OpenError> shared = endpoint().take(second);

  ASSERT_FALSE(shared);
  EXPECT_EQ(shared.error().io.kind, IoError::Kind::reset);
  expect_counts(0, 0, 0);
}

TEST_F(Http2PoolTest, WhoLeavesAnOpeningLeavesItToTheOthers) {
  Opening& first = open();
  Opening& second = open();
  endpoint().abandon(first);
  endpoint().close_idle();
  greet();

  ASSERT_TRUE(second.is_done());
  EXPECT_NE(take(second), nullptr);
}

TEST_F(Http2PoolTest, AnEndpointThatSpeaksHttp1IsNamed) {
  Opening& opening = open();
  accept().say("HTTP/1.1 400 Bad Request\r\n\r\n");
  pass();

  Result<Lent, OpenError> taken = endpoint().take(opening);

  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().http2.message, MessageError::not_http);
  EXPECT_EQ(taken.error().first_bytes.view(), "HTTP/1.1 400 Bad Request\r\n\r\n");
  EXPECT_EQ(classify(taken.error(), false), Fault::not_http);
}

TEST_F(Http2PoolTest, AnEndpointThatSaysNothingIsAConnectTimeout) {
  Opening& opening = open();
  accept();
  pass(5s);

  Result<Lent, OpenError> taken = endpoint().take(opening);

  ASSERT_FALSE(taken);
  EXPECT_EQ(classify(taken.error(), false), Fault::connect_timeout);
}

TEST_F(Http2PoolTest, AnotherConnectionIsOpenedWhenStreamsRunOut) {
  Opening& opening = open();
  greet(http2::setting(3, 2));
  Lent one = take(opening);
  Lent two = endpoint().take_idle(ConnectionNeed::any);
  ASSERT_NE(two, nullptr);
  EXPECT_EQ(endpoint().take_idle(ConnectionNeed::any), nullptr);

  Opening& another = open();
  greet();
  Lent three = take(another);

  EXPECT_NE(three->id, one->id);
  expect_counts(2, 0, 2);
  two.reset();
  EXPECT_EQ(endpoint().take_idle(ConnectionNeed::any)->id, one->id);
}

TEST_F(Http2PoolTest, AnEndpointThatAllowsNoStreamRefuses) {
  Opening& opening = open();
  greet(http2::setting(3, 0));

  Result<Lent, OpenError> taken = endpoint().take(opening);

  ASSERT_FALSE(taken);
  EXPECT_EQ(classify(taken.error(), false), Fault::stream_refused);
}

TEST_F(Http2PoolTest, ARestingConnectionServesAgain) {
  open_idle();
  expect_counts(0, 1, 1);

  Lent stream = endpoint().take_idle(ConnectionNeed::any);

  ASSERT_NE(stream, nullptr);
  expect_counts(1, 0, 1);
}

TEST_F(Http2PoolTest, AConnectionThatSaysGoodbyeIsGoneOnceItRests) {
  SimPeer& peer = open_idle();

  peer.say(http2::frame(http2::goaway, 0, 0, http2::number(0, 4) + http2::number(0, 4)));
  pass();

  EXPECT_EQ(endpoint().take_idle(ConnectionNeed::any), nullptr);
  EXPECT_TRUE(peer.saw_end());
  expect_counts(0, 0, 0);
}

TEST_F(Http2PoolTest, AConnectionThatTheEndpointClosesIsGone) {
  SimPeer& peer = open_idle();

  peer.close();
  pass();

  expect_counts(0, 0, 0);
}

TEST_F(Http2PoolTest, AConnectionRestsNoLongerThanItMay) {
  settings_.keep_alive.idle = 5s;
  open_idle();

  wait(12s);

  expect_counts(0, 0, 0);
}

TEST_F(Http2PoolTest, AConnectionServesNoMoreRequestsThanItMay) {
  settings_.keep_alive.requests = 2;
  open_idle();
  Lent second = endpoint().take_idle(ConnectionNeed::any);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(endpoint().take_idle(ConnectionNeed::any), nullptr);

  second.reset();
  pass();

  expect_counts(0, 0, 0);
}

TEST_F(Http2PoolTest, ADrainEndsWhatRestsAndLetsTheOthersFinish) {
  Opening& opening = open();
  SimPeer& peer = greet();
  Lent stream = take(opening);

  endpoint().close_idle();
  pass();
  EXPECT_TRUE(peer.is_open());
  stream.reset();
  pass();

  EXPECT_FALSE(peer.is_open());
  expect_counts(0, 0, 0);
}

TEST_F(Http2PoolTest, ADrainGivesUpWhatNobodyWaitsForAnyMore) {
  Opening& opening = open();
  SimPeer& peer = accept();
  pass();
  endpoint().abandon(opening);

  endpoint().close_idle();
  pass();

  EXPECT_FALSE(peer.is_open());
  expect_counts(0, 0, 0);
}

TEST_F(Http2PoolTest, ConnectionsToAnAddressThatIsGoneTakeNoMoreRequests) {
  open_idle();

  endpoint().set_addresses({*parse_ip("10.0.0.8", 3000)});
  pass();

  EXPECT_EQ(endpoint().take_idle(ConnectionNeed::any), nullptr);
  expect_counts(0, 0, 0);
}

TEST_F(Http2PoolTest, WhoWaitsForAConnectionToAnAddressThatIsGoneIsToldWhatBecomesOfIt) {
  Opening& silent = open();
  accept();
  pass();

  endpoint().set_addresses({*parse_ip("10.0.0.8", 3000)});
  wait(3s);

  ASSERT_TRUE(silent.is_done());
  Result<Lent, OpenError> taken = endpoint().take(silent);
  ASSERT_FALSE(taken);
  EXPECT_EQ(classify(taken.error(), false), Fault::connect_timeout);
  expect_counts(0, 0, 0);
}

TEST_F(Http2PoolTest, ARestingConnectionMakesRoomAtTheLimit) {
  settings_.limits.connections = 1;
  open_idle();

  EXPECT_TRUE(endpoint().reserve_connection());

  expect_counts(0, 0, 1);
  endpoint().release_reservation();
}

TEST_F(Http2PoolTest, ARequestThatCannotBeSentAgainAsksAQuietConnectionFirst) {
  SimPeer& peer = open_idle();
  wait(2s);
  peer.hear();
  Lent stream = endpoint().take_idle(ConnectionNeed::proven);
  OutgoingRequest request{
      .method = Method::post, .method_text = "POST", .target = "/", .authority = "h"};

  Result<void, StreamError> sent =
      await(stream->http.send_head(request, {}, Deadline::after(engine().now(), 1s)));

  EXPECT_FALSE(sent);
  EXPECT_EQ(stream->http.bytes_written(), 0U);
  EXPECT_EQ(peer.hear().substr(3, 1), std::string(1, '\x06'));
}

}  // namespace
}  // namespace gg
