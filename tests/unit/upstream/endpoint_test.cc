// SPDX-License-Identifier: Apache-2.0
#include "upstream/endpoint.h"

#include <gtest/gtest.h>

#include "support/sim_pair.h"

namespace gg {
namespace {

EndpointUrl url_of(std::string host, std::uint16_t port = 3000) {
  return {.scheme = Scheme::http, .host = std::move(host), .port = port, .path = {}};
}

class EndpointTest : public SimPair {
 protected:
  using Lent = std::unique_ptr<UpstreamConnection>;
  struct Both {
    Lent connection;
    SimPeer* peer;
  };

  /// Made on first use, so that a test may change settings before.
  Endpoint& endpoint() {
    if (!endpoint_) endpoint_.emplace(context(), config_, 0);
    return *endpoint_;
  }
  EndpointContext context() {
    return {.engine = engine(),
            .settings = settings_,
            .limits = limits_,
            .connections = connections_,
            .requests = requests_,
            .quickest = quickest_,
            .counters = counters_,
            .last_connection_id = last_id_,
            .health = health()};
  }
  PoolHealth& health() {
    settings_.endpoints = {config_};
    if (!health_) health_.emplace(settings_, nullptr, nullptr, Instant{});
    return *health_;
  }

  /// A new connection, lent.
  Both open() {
    GG_ASSERT(endpoint().reserve_connection());
    Connected connected = connect();
    return {.connection = endpoint().adopt(
                std::make_unique<PlainStream>(std::move(connected.socket)), peer_address()),
            .peer = connected.peer};
  }
  /// One request and its whole response, with `more` behind it.
  void serve(UpstreamConnection& connection, SimPeer& peer, std::string_view more = "") {
    OutgoingRequest request{
        .method = Method::get, .method_text = "GET", .target = "/", .authority = "h"};
    ASSERT_TRUE(await(connection.http.send_head(request, {}, Deadline::never())));
    peer.say("HTTP/1.1 204 No Content\r\n\r\n");
    ASSERT_TRUE(await(connection.http.read_head(Deadline::never())));
    peer.say(more);
    pass();
  }
  static AnnouncedTerms& announced_on(UpstreamConnection& connection) {
    return static_cast<Http1UpstreamConnection&>(connection).announced;
  }
  /// A connection that has served once and waits in the pool.
  SimPeer& open_idle() {
    Both both = open();
    serve(*both.connection, *both.peer);
    endpoint().give_back(std::move(both.connection));
    return *both.peer;
  }
  /// As pass(), and the endpoint's clock has noticed.
  void wait(Duration time) {
    pass(time);
    engine().turn(Duration::zero());
  }
  void expect_counts(std::int64_t active, std::int64_t idle, std::uint32_t reserved) {
    EXPECT_EQ(endpoint().active_connections(), static_cast<std::size_t>(active));
    EXPECT_EQ(endpoint().idle_connections(), static_cast<std::size_t>(idle));
    EXPECT_EQ(counters_.connections_active.read(), active);
    EXPECT_EQ(counters_.connections_idle.read(), idle);
    EXPECT_EQ(connections_.load(), reserved);
  }

  UpstreamConfig settings_;
  EndpointConfig config_{.url = url_of("10.0.0.9")};
  UpstreamCounters counters_;
  std::atomic<std::uint32_t> connections_{0};
  std::atomic<std::uint32_t> requests_{0};
  std::vector<QuickestAnswer> quickest_ = std::vector<QuickestAnswer>(8);

 private:
  HeadLimits limits_;
  std::uint64_t last_id_ = 0;
  std::optional<PoolHealth> health_;
  std::optional<Endpoint> endpoint_;
};

std::vector<Address> addresses(std::initializer_list<std::string_view> texts) {
  std::vector<Address> all;
  for (std::string_view text : texts) all.push_back(*parse_ip(text));
  return all;
}

// Names and addresses.

TEST_F(EndpointTest, AnEndpointIsCalledByItsAddress) {
  EXPECT_EQ(endpoint().name(), "10.0.0.9:3000");
  EXPECT_FALSE(endpoint().has_name());
  EXPECT_EQ(endpoint().address(), peer_address());
}

TEST_F(EndpointTest, AnIpv6AddressIsWrittenInBrackets) {
  config_.url = url_of("2001:db8::1", 80);

  EXPECT_EQ(endpoint().name(), "[2001:db8::1]:80");
  EXPECT_EQ(to_text(endpoint().address()), "[2001:db8::1]:80");
}

TEST_F(EndpointTest, AUnixSocketIsCalledByItsPath) {
  config_.url = {.scheme = Scheme::unix_socket, .host = {}, .port = 0, .path = "/run/app.sock"};

  EXPECT_EQ(endpoint().name(), "unix:/run/app.sock");
  EXPECT_EQ(endpoint().address().path, "/run/app.sock");
}

TEST_F(EndpointTest, ANameHasNoAddressUntilItIsResolved) {
  config_.url = url_of("app.internal");
  EXPECT_TRUE(endpoint().has_name());
  EXPECT_FALSE(endpoint().has_address());

  endpoint().set_unresolved(DnsError::no_such_name);
  EXPECT_EQ(endpoint().dns_error(), DnsError::no_such_name);

  endpoint().set_addresses(addresses({"10.0.0.9"}));
  EXPECT_EQ(endpoint().address(), peer_address());
  EXPECT_EQ(endpoint().name(), "app.internal:3000");
}

TEST_F(EndpointTest, AfterAFailureTheNextAddressIsTriedInTurn) {
  config_.url = url_of("app.internal");
  endpoint().set_addresses(addresses({"10.0.0.1", "10.0.0.2"}));
  EXPECT_EQ(to_text(endpoint().address()), "10.0.0.1:3000");

  endpoint().note_connect_failed();
  EXPECT_EQ(to_text(endpoint().address()), "10.0.0.2:3000");

  endpoint().note_connect_failed();
  EXPECT_EQ(to_text(endpoint().address()), "10.0.0.1:3000");
}

TEST_F(EndpointTest, ANewAnswerThatHasTheAddressInUseChangesNothing) {
  config_.url = url_of("app.internal");
  endpoint().set_addresses(addresses({"10.0.0.1", "10.0.0.9"}));
  endpoint().note_connect_failed();
  open_idle();

  endpoint().set_addresses(addresses({"10.0.0.3", "10.0.0.4", "10.0.0.9"}));

  EXPECT_EQ(endpoint().address(), peer_address());
  expect_counts(0, 1, 1);
}

TEST_F(EndpointTest, ANewAnswerWithoutTheAddressInUseClosesIdleConnections) {
  config_.url = url_of("app.internal");
  endpoint().set_addresses(addresses({"10.0.0.9"}));
  SimPeer& peer = open_idle();

  endpoint().set_addresses(addresses({"10.0.0.1"}));
  pass();

  EXPECT_EQ(to_text(endpoint().address()), "10.0.0.1:3000");
  EXPECT_TRUE(peer.saw_end());
  expect_counts(0, 0, 0);
}

TEST_F(EndpointTest, ALentConnectionToAnAddressThatIsGoneIsNotKept) {
  config_.url = url_of("app.internal");
  endpoint().set_addresses(addresses({"10.0.0.9"}));
  Both both = open();

  endpoint().set_addresses(addresses({"10.0.0.1"}));
  serve(*both.connection, *both.peer);
  endpoint().give_back(std::move(both.connection));

  expect_counts(0, 0, 0);
}

TEST_F(EndpointTest, ConnectionsToAnotherAddressThatIsStillThereStay) {
  config_.url = url_of("app.internal");
  endpoint().set_addresses(addresses({"10.0.0.9", "10.0.0.1"}));
  open_idle();
  endpoint().note_connect_failed();

  endpoint().set_addresses(addresses({"10.0.0.2", "10.0.0.9"}));

  EXPECT_EQ(to_text(endpoint().address()), "10.0.0.2:3000");
  expect_counts(0, 1, 1);
}

// The pool.

TEST_F(EndpointTest, TheConnectionUsedLastIsLentFirst) {
  Both first = open();
  Both second = open();
  serve(*first.connection, *first.peer);
  serve(*second.connection, *second.peer);
  std::uint64_t first_id = first.connection->id;
  std::uint64_t second_id = second.connection->id;
  EXPECT_NE(first_id, second_id);

  endpoint().give_back(std::move(second.connection));
  endpoint().give_back(std::move(first.connection));

  Lent one = endpoint().take_idle(ConnectionNeed::any);
  Lent two = endpoint().take_idle(ConnectionNeed::any);
  EXPECT_EQ(one->id, first_id);
  EXPECT_EQ(two->id, second_id);
  EXPECT_EQ(endpoint().take_idle(ConnectionNeed::any), nullptr);
  endpoint().discard(std::move(one), Closing::orderly);
  endpoint().discard(std::move(two), Closing::orderly);
}

TEST_F(EndpointTest, ALentConnectionServesAgainAndKnowsHowOften) {
  SimPeer& peer = open_idle();
  expect_counts(0, 1, 1);

  Lent again = endpoint().take_idle(ConnectionNeed::any);
  expect_counts(1, 0, 1);
  EXPECT_EQ(again->requests, 2U);
  serve(*again, peer);

  endpoint().give_back(std::move(again));
  expect_counts(0, 1, 1);
  EXPECT_EQ(counters_.connections_opened.read(), 1U);
}

TEST_F(EndpointTest, AnIdleConnectionHoldsNoBuffer) {
  open_idle();

  EXPECT_EQ(engine().buffers().bytes_lent(), 0U);
}

TEST_F(EndpointTest, AnIdleConnectionThatIsClosedByItsPeerIsGoneAtOnce) {
  SimPeer& peer = open_idle();

  peer.close();
  pass();

  expect_counts(0, 0, 0);
  EXPECT_EQ(endpoint().take_idle(ConnectionNeed::any), nullptr);
  EXPECT_EQ(counters_.connections_closed.read(), 1U);
}

TEST_F(EndpointTest, AnIdleConnectionWhosePeerSpeaksUnaskedIsGoneAtOnce) {
  SimPeer& peer = open_idle();

  peer.say("HTTP/1.1 408 Request Timeout\r\n\r\n");
  pass();

  expect_counts(0, 0, 0);
}

TEST_F(EndpointTest, AConnectionWithBytesThatNobodyReadIsNotKept) {
  Both both = open();
  serve(*both.connection, *both.peer, "HTTP/1.1 200 OK\r\n\r\n");

  endpoint().give_back(std::move(both.connection));

  expect_counts(0, 0, 0);
}

TEST_F(EndpointTest, AnIdleConnectionIsClosedWhenItsTimeIsUp) {
  settings_.keep_alive.idle = 30s;
  SimPeer& peer = open_idle();

  pass(29s);
  expect_counts(0, 1, 1);
  pass(2s);

  expect_counts(0, 0, 0);
  EXPECT_TRUE(peer.saw_end());
}

TEST_F(EndpointTest, AConnectionInTheMiddleOfAResponseIsNotKept) {
  Both both = open();
  OutgoingRequest request{
      .method = Method::get, .method_text = "GET", .target = "/", .authority = "h"};
  ASSERT_TRUE(await(both.connection->http.send_head(request, {}, Deadline::never())));

  endpoint().give_back(std::move(both.connection));

  expect_counts(0, 0, 0);
}

TEST_F(EndpointTest, AConnectionServesNoMoreThanItsRequests) {
  settings_.keep_alive.requests = 2;
  SimPeer& peer = open_idle();
  expect_counts(0, 1, 1);

  Lent again = endpoint().take_idle(ConnectionNeed::any);
  serve(*again, peer);
  endpoint().give_back(std::move(again));

  expect_counts(0, 0, 0);
}

TEST_F(EndpointTest, NoMoreThanSoManyConnectionsIdle) {
  settings_.keep_alive.connections = 1;
  Both first = open();
  Both second = open();
  serve(*first.connection, *first.peer);
  serve(*second.connection, *second.peer);

  endpoint().give_back(std::move(first.connection));
  endpoint().give_back(std::move(second.connection));
  pass();

  expect_counts(0, 1, 1);
  EXPECT_TRUE(first.peer->is_open());
  EXPECT_TRUE(second.peer->saw_end());
}

TEST_F(EndpointTest, WithoutKeepAliveNothingIsKept) {
  settings_.keep_alive.enabled = false;

  open_idle();

  expect_counts(0, 0, 0);
}

TEST_F(EndpointTest, ADiscardedConnectionEndsAsItIsTold) {
  Both reset = open();
  Both ended = open();

  endpoint().discard(std::move(reset.connection), Closing::reset);
  endpoint().discard(std::move(ended.connection), Closing::orderly);
  pass();

  EXPECT_TRUE(reset.peer->saw_reset());
  EXPECT_TRUE(ended.peer->saw_end());
  expect_counts(0, 0, 0);
}

TEST_F(EndpointTest, ClosingIdleOnesLeavesThoseThatAreLent) {
  Both lent = open();
  open_idle();

  endpoint().close_idle();

  expect_counts(1, 0, 1);
  endpoint().discard(std::move(lent.connection), Closing::orderly);
}

// What the guard lets through.

TEST_F(EndpointTest, WhatMustNotBeSentTwiceGetsNoConnectionThatIsNotProven) {
  SimPeer& only = open_idle();

  EXPECT_EQ(endpoint().take_idle(ConnectionNeed::proven), nullptr);
  pass();

  // Another one takes its place.
  EXPECT_TRUE(only.saw_reset());
  expect_counts(0, 0, 0);
}

TEST_F(EndpointTest, WhatMustNotBeSentTwiceGetsAConnectionThatIsProven) {
  open_idle();
  for (int i = 0; i < 3; ++i) {
    Lent lent = endpoint().take_idle(ConnectionNeed::any);
    endpoint().note_reuse(*lent, 1s, Fault::none);
    endpoint().give_back(std::move(lent));
  }
  open_idle();
  wait(900ms);

  Lent proven = endpoint().take_idle(ConnectionNeed::proven);

  ASSERT_NE(proven, nullptr);
  EXPECT_EQ(proven->requests, 2U);
  endpoint().discard(std::move(proven), Closing::orderly);
}

TEST_F(EndpointTest, AProvenConnectionBehindOneThatIsNotIsFound) {
  Both many = open();
  Both few = open();
  serve(*many.connection, *many.peer);
  serve(*few.connection, *few.peer);
  std::uint64_t wanted = few.connection->id;
  endpoint().give_back(std::move(few.connection));
  many.connection->requests = 7;
  for (int i = 0; i < 3; ++i) endpoint().note_reuse(*many.connection, 1s, Fault::none);
  endpoint().give_back(std::move(many.connection));

  Lent proven = endpoint().take_idle(ConnectionNeed::proven);

  ASSERT_NE(proven, nullptr);
  EXPECT_EQ(proven->id, wanted);
  endpoint().discard(std::move(proven), Closing::orderly);
}

TEST_F(EndpointTest, ARaceMakesTheNextRequestTakeAFreshConnection) {
  open_idle();
  Lent lent = endpoint().take_idle(ConnectionNeed::any);
  endpoint().note_reuse(*lent, 1s, Fault::keep_alive_race);
  endpoint().discard(std::move(lent), Closing::orderly);
  open_idle();

  EXPECT_EQ(endpoint().take_idle(ConnectionNeed::any), nullptr);

  open_idle();
  wait(1s);
  Lent tried = endpoint().take_idle(ConnectionNeed::any);
  EXPECT_NE(tried, nullptr);
  endpoint().discard(std::move(tried), Closing::orderly);
}

TEST_F(EndpointTest, ALearntTimeoutIsForgottenWhenAConnectionOutlivesIt) {
  for (int i = 0; i < 2; ++i) {
    SimPeer& peer = open_idle();
    wait(2s);
    peer.close();
    pass();
  }
  open_idle();
  wait(1600ms);
  EXPECT_EQ(endpoint().take_idle(ConnectionNeed::any), nullptr);

  wait(1s);
  Lent lent = endpoint().take_idle(ConnectionNeed::any);
  EXPECT_NE(lent, nullptr);
  endpoint().discard(std::move(lent), Closing::orderly);
}

TEST_F(EndpointTest, AConnectionIsClosedBeforeItsAnnouncedTimeout) {
  Both both = open();
  serve(*both.connection, *both.peer);
  announced_on(*both.connection).observe({.timeout = 5s, .max = {}}, 1);
  endpoint().give_back(std::move(both.connection));

  pass(3900ms);
  expect_counts(0, 1, 1);
  pass(200ms);

  expect_counts(0, 0, 0);
  EXPECT_TRUE(both.peer->saw_end());
}

TEST_F(EndpointTest, AConnectionThatMayServeNoMoreIsNotKept) {
  Both both = open();
  serve(*both.connection, *both.peer);
  announced_on(*both.connection).observe({.timeout = {}, .max = 0}, 1);

  endpoint().give_back(std::move(both.connection));

  expect_counts(0, 0, 0);
}

// The limit of connections.

TEST_F(EndpointTest, NoConnectionIsReservedBeyondTheLimit) {
  settings_.limits.connections = 2;

  EXPECT_TRUE(endpoint().reserve_connection());
  EXPECT_TRUE(endpoint().reserve_connection());
  EXPECT_FALSE(endpoint().reserve_connection());
  EXPECT_EQ(connections_.load(), 2U);

  endpoint().release_reservation();
  EXPECT_TRUE(endpoint().reserve_connection());

  endpoint().release_reservation();
  endpoint().release_reservation();
}

TEST_F(EndpointTest, AtTheLimitAnIdleConnectionMakesRoom) {
  settings_.limits.connections = 1;
  SimPeer& idle = open_idle();

  EXPECT_TRUE(endpoint().reserve_connection());
  pass();

  EXPECT_TRUE(idle.saw_end());
  EXPECT_EQ(connections_.load(), 1U);
  EXPECT_FALSE(endpoint().reserve_connection());
  endpoint().release_reservation();
}

TEST_F(EndpointTest, EndpointsOfOneUpstreamShareTheLimit) {
  settings_.limits.connections = 1;
  Endpoint other(context(), config_, 0);

  EXPECT_TRUE(endpoint().reserve_connection());
  EXPECT_FALSE(other.reserve_connection());

  endpoint().release_reservation();
  EXPECT_TRUE(other.reserve_connection());
  other.release_reservation();
}

TEST_F(EndpointTest, WithoutALimitReservationsAreCountedAllTheSame) {
  EXPECT_TRUE(endpoint().reserve_connection());
  EXPECT_TRUE(endpoint().reserve_connection());
  EXPECT_EQ(connections_.load(), 2U);
  endpoint().release_reservation();
  endpoint().release_reservation();
}

}  // namespace
}  // namespace gg
