// SPDX-License-Identifier: Apache-2.0
#include "upstream/upstreams.h"

#include <gtest/gtest.h>

#include "support/sim_pair.h"

namespace gg {
namespace {

/// Two upstreams of one endpoint each, as two workers see them.
class UpstreamsTest : public SimPair {
 protected:
  UpstreamsTest() {
    for (const char* name : {"api", "app"}) {
      UpstreamConfig& upstream = config_.upstreams.emplace_back();
      upstream.name = name;
      upstream.limits.connections = 1;
      upstream.endpoints.push_back(
          {.url = {.scheme = Scheme::http, .host = "10.0.0.9", .port = 3000, .path = {}}});
    }
    shared_.emplace(config_);
    one_.emplace(engine(), config_, limits_, *shared_, counters_one_, slots_);
    two_.emplace(engine(), config_, limits_, *shared_, counters_two_, slots_);
  }

  Upstreams& one() { return *one_; }
  Upstreams& two() { return *two_; }
  static Endpoint& endpoint(Upstreams& upstreams, std::size_t upstream) {
    return *upstreams.at(upstream).endpoints().front();
  }

  Counters counters_one_;
  Counters counters_two_;

 private:
  const std::uint16_t slots_[2] = {3, 5};
  Config config_;
  HeadLimits limits_;
  std::optional<SharedUpstreams> shared_;
  std::optional<Upstreams> one_;
  std::optional<Upstreams> two_;
};

TEST_F(UpstreamsTest, UpstreamsStandInTheConfigurationsOrder) {
  EXPECT_EQ(one().all().size(), 2U);
  EXPECT_EQ(one().at(0).name(), "api");
  EXPECT_EQ(one().at(0).slot(), 3);
  EXPECT_EQ(one().at(1).name(), "app");
  EXPECT_EQ(one().at(1).slot(), 5);
}

TEST_F(UpstreamsTest, WorkersShareTheLimitOfAnUpstream) {
  EXPECT_TRUE(endpoint(one(), 0).reserve_connection());
  EXPECT_FALSE(endpoint(two(), 0).reserve_connection());
  EXPECT_TRUE(endpoint(two(), 1).reserve_connection());

  endpoint(one(), 0).release_reservation();
  EXPECT_TRUE(endpoint(two(), 0).reserve_connection());

  endpoint(two(), 0).release_reservation();
  endpoint(two(), 1).release_reservation();
}

TEST_F(UpstreamsTest, ConnectionsAreNumberedThroughoutTheWorker) {
  GG_ASSERT(endpoint(one(), 0).reserve_connection());
  GG_ASSERT(endpoint(one(), 1).reserve_connection());
  std::unique_ptr<UpstreamConnection> first =
      endpoint(one(), 0).adopt(std::make_unique<PlainStream>(connect().socket), peer_address());
  std::unique_ptr<UpstreamConnection> second =
      endpoint(one(), 1).adopt(std::make_unique<PlainStream>(connect().socket), peer_address());

  EXPECT_EQ(first->id, 1U);
  EXPECT_EQ(second->id, 2U);
  EXPECT_EQ(counters_one_.upstream(3).connections_active.read(), 1);
  EXPECT_EQ(counters_one_.upstream(5).connections_active.read(), 1);

  endpoint(one(), 0).discard(std::move(first), Closing::orderly);
  endpoint(one(), 1).discard(std::move(second), Closing::orderly);
}

TEST_F(UpstreamsTest, ClosingIdleConnectionsReachesEveryUpstream) {
  for (std::size_t i = 0; i < 2; ++i) {
    GG_ASSERT(endpoint(one(), i).reserve_connection());
    Connected connected = connect();
    std::unique_ptr<UpstreamConnection> connection = endpoint(one(), i).adopt(
        std::make_unique<PlainStream>(std::move(connected.socket)), peer_address());
    OutgoingRequest request{
        .method = Method::get, .method_text = "GET", .target = "/", .authority = "h"};
    ASSERT_TRUE(await(connection->http.send_head(request, {}, Deadline::never())));
    connected.peer->say("HTTP/1.1 204 No Content\r\n\r\n");
    ASSERT_TRUE(await(connection->http.read_head(Deadline::never())));
    endpoint(one(), i).give_back(std::move(connection));
    EXPECT_EQ(endpoint(one(), i).idle_connections(), 1U);
  }

  one().close_idle();

  EXPECT_EQ(endpoint(one(), 0).idle_connections(), 0U);
  EXPECT_EQ(endpoint(one(), 1).idle_connections(), 0U);
}

}  // namespace
}  // namespace gg
