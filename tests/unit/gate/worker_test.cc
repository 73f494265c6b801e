// SPDX-License-Identifier: Apache-2.0
#include "gate/worker.h"

#include <gtest/gtest.h>

#include "unit/gate/gate_fixture.h"

namespace gg {
namespace {

Task<bool> is_refused(Engine& engine, Address address) {
  Connect connect(engine, address, Deadline::never());
  Result<SocketPtr, IoError> socket = co_await connect;
  co_return !socket && socket.error().kind == IoError::Kind::refused;
}

class WorkerTest : public GateFixture {
 protected:
  ~WorkerTest() override {
    if (!worker_) return;
    worker_->drain();
    worker_->cut();
    world().run(10s);
    EXPECT_TRUE(worker_->is_stopped());
    EXPECT_EQ(client_connections_.load(), others_);
    EXPECT_EQ(worker_->counters().client_connections_active.read(), 0);
  }

  /// Made, and listening, on first use.
  Worker& worker() {
    if (!worker_) {
      client_connections_ = others_;
      client_counts_.emplace(config().limits.connections_per_client, 100,
                             SipKey{.low = 1, .high = 2});
      WorkerShared shared{.snapshot = snapshot(),
                          .upstreams = shared_upstreams(),
                          .client_connections = client_connections_,
                          .client_counts = &*client_counts_};
      worker_.emplace(engine(), shared, &keeper());
      GG_ASSERT(worker_->listen({.descriptor = -1, .address = gateway_address(), .name = "test"})
                    .has_value());
    }
    return *worker_;
  }
  Counters& counters() { return worker().counters(); }
  /// Other workers have so many clients.
  void others_have(std::uint32_t clients) { others_ = clients; }
  SimPeer& connect_client() {
    worker();
    SimPeer& client = connect_to(gateway_address());
    pass();
    return client;
  }

 private:
  std::uint32_t others_ = 0;
  std::atomic<std::uint32_t> client_connections_{0};
  std::optional<ClientCounts> client_counts_;
  std::optional<Worker> worker_;
};

TEST_F(WorkerTest, AClientIsAcceptedServedAndCounted) {
  SimPeer& client = connect_client();
  EXPECT_EQ(counters().client_connections_accepted.read(), 1U);
  EXPECT_EQ(counters().client_connections_active.read(), 1);
  EXPECT_EQ(worker().sessions(), 1U);

  client.say(get("/"));
  accept().say(ok("x"));
  pass();
  EXPECT_EQ(client.heard(), ok("x"));
  std::uint16_t slot = snapshot().upstream_slots().front();
  EXPECT_EQ(counters().upstream(slot).requests[2].read(), 1U);
  EXPECT_EQ(records().size(), 1U);

  client.close();
  pass();
  EXPECT_EQ(worker().sessions(), 0U);
  EXPECT_EQ(counters().client_connections_active.read(), 0);
}

TEST_F(WorkerTest, ClientsBeyondTheLimitAreClosedAtOnce) {
  config().limits.connections = 2;
  SimPeer& first = connect_client();
  SimPeer& second = connect_client();
  SimPeer& third = connect_client();

  EXPECT_TRUE(first.is_open());
  EXPECT_TRUE(second.is_open());
  EXPECT_FALSE(third.is_open());
  EXPECT_EQ(counters().client_connections_refused.read(), 1U);

  first.close();
  pass();
  EXPECT_TRUE(connect_client().is_open());
}

TEST_F(WorkerTest, AClientThatHasItsShareIsToldSo) {
  config().limits.connections_per_client = 2;
  SimPeer& first = connect_client();
  SimPeer& second = connect_client();
  SimPeer& third = connect_client();

  EXPECT_TRUE(third.heard().starts_with("HTTP/1.1 429 ")) << third.heard();
  EXPECT_TRUE(third.heard().contains("Connection: close"));
  EXPECT_TRUE(third.heard().contains("Content-Length: 0\r\n")) << third.heard();
  EXPECT_TRUE(third.heard().ends_with("\r\n\r\n"));
  EXPECT_TRUE(third.saw_end());
  EXPECT_TRUE(first.is_open());
  EXPECT_TRUE(second.is_open());
  ASSERT_EQ(records().size(), 1U);
  EXPECT_EQ(records()[0].fault, Fault::client_connection_limit);
  EXPECT_EQ(records()[0].status, 429);
  EXPECT_FALSE(records()[0].peer.empty());
  EXPECT_EQ(counters().client_connections_over_share.read(), 1U);
  third.close();

  first.close();
  pass();
  SimPeer& fourth = connect_client();
  fourth.say(get("/"));
  accept().say(ok("x"));
  pass();
  EXPECT_EQ(fourth.heard(), ok("x"));
}

TEST_F(WorkerTest, WhatWasSentBeforeTheRefusalDoesNotCostItsAnswer) {
  config().limits.connections_per_client = 1;
  connect_client();
  SimPeer& second = connect_client();
  second.say(get("/"));
  pass();

  EXPECT_TRUE(second.heard().starts_with("HTTP/1.1 429 ")) << second.heard();
  EXPECT_TRUE(second.saw_end());
}

TEST_F(WorkerTest, ATrustedProxyHasNoShare) {
  config().limits.connections_per_client = 1;
  config().trusted_proxies = {IpNetwork{}};
  SimPeer& first = connect_client();
  SimPeer& second = connect_client();

  EXPECT_TRUE(first.is_open());
  EXPECT_TRUE(second.is_open());
  EXPECT_TRUE(second.heard().empty());
}

TEST_F(WorkerTest, TheLimitCountsTheClientsOfOtherWorkers) {
  config().limits.connections = 2;
  others_have(1);

  EXPECT_TRUE(connect_client().is_open());
  EXPECT_FALSE(connect_client().is_open());
}

TEST_F(WorkerTest, WithoutDescriptorsAClientIsRefusedAndTheOthersStay) {
  SimPeer& first = connect_client();
  engine().set_descriptors_max(engine().open_sockets());
  EXPECT_FALSE(connect_client().is_open());
  EXPECT_EQ(counters().client_connections_refused.read(), 1U);
  EXPECT_TRUE(first.is_open());

  engine().set_descriptors_max(1000);
  SimPeer& third = connect_client();
  third.say(get("/"));
  accept().say(ok("x"));
  pass();

  EXPECT_EQ(third.heard(), ok("x"));
}

TEST_F(WorkerTest, DrainingAcceptsNobodyAndEndsIdleConnections) {
  SimPeer& idle = connect_client();
  SimPeer& busy = connect_client();
  busy.say(get("/"));
  SimPeer& origin = accept();

  worker().drain();
  pass();
  EXPECT_TRUE(idle.saw_end());
  EXPECT_TRUE(busy.is_open());
  EXPECT_FALSE(worker().is_stopped());
  EXPECT_EQ(counters().client_connections_accepted.read(), 2U);

  origin.say(ok("x"));
  pass();
  EXPECT_TRUE(busy.heard().ends_with("\r\n\r\nx"));
  EXPECT_TRUE(busy.saw_end());
  busy.close();
  pass();
  EXPECT_TRUE(worker().is_stopped());
}

TEST_F(WorkerTest, ADrainingWorkerIsNoLongerThere) {
  worker().drain();
  pass();

  std::optional<bool> refused;
  begin(is_refused(engine(), gateway_address()), refused);
  pass();

  EXPECT_EQ(refused, true);
}

TEST_F(WorkerTest, CuttingTellsAClientAndIsOverWhenItHasHeard) {
  SimPeer& busy = connect_client();
  busy.say(get("/"));
  accept();

  worker().cut();
  pass();
  EXPECT_TRUE(busy.heard().starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(busy.saw_end());
  busy.close();
  pass();

  EXPECT_TRUE(worker().is_stopped());
}

TEST_F(WorkerTest, CuttingWaitsASecondForAClientThatDoesNotHear) {
  SimPeer& deaf = connect_client();
  deaf.say(get("/"));
  accept();

  worker().cut();
  pass(900ms);
  EXPECT_FALSE(worker().is_stopped());
  pass(200ms);

  EXPECT_TRUE(worker().is_stopped());
}

TEST_F(WorkerTest, CuttingEndsAResponseThatIsUnderWayNow) {
  SimPeer& busy = connect_client();
  busy.say(get("/"));
  accept().say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
  pass(100ms);  // longer than the beginning of a response is held back

  worker().cut();
  pass();

  EXPECT_FALSE(busy.is_open());
  EXPECT_TRUE(worker().is_stopped());
}

TEST_F(WorkerTest, SeveralListenersAreServedAlike) {
  Address other = Address::v4({10, 0, 0, 1}, 8081);
  ASSERT_TRUE(worker().listen({.descriptor = -1, .address = other, .name = "other"}));

  connect_client();
  connect_to(other);
  pass();

  EXPECT_EQ(worker().sessions(), 2U);
}

}  // namespace
}  // namespace gg
