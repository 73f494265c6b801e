// SPDX-License-Identifier: Apache-2.0
#include "proxy/snapshot.h"

#include <gtest/gtest.h>

#include "config/load.h"

namespace gg {
namespace {

constexpr std::string_view two_upstreams = R"(
name: edge
listeners: [":8080"]
trusted_proxies: [10.0.0.0/8]
routes:
  - { host: [shop.example, "*.shop.example"], path: /api/, to: api }
  - { path: /, to: app }
upstreams:
  app: [http://10.1.0.1:3000]
  api: [http://10.1.0.2:3000]
limits: { head: 4KiB, fields: 10 }
timeouts: { idle: 5s, head: 3s }
)";

std::shared_ptr<const Config> config_of(std::string_view text) {
  LoadResult loaded = load_config(text, "test.yaml");
  GG_ASSERT(loaded.has_value());
  return loaded->config;
}

class SnapshotTest : public testing::Test {
 protected:
  Snapshot make(std::string_view text) { return Snapshot(config_of(text), 7, routes_, upstreams_); }

  CounterSlots routes_;
  CounterSlots upstreams_;
};

TEST_F(SnapshotTest, RoutesKnowTheirUpstreamTheirLabelAndTheirSlot) {
  Snapshot snapshot = make(two_upstreams);
  const RouteConfig& api = snapshot.config().routes[0];
  const RouteConfig& app = snapshot.config().routes[1];

  EXPECT_EQ(snapshot.config().upstreams[snapshot.upstream_of(api)].name, "api");
  EXPECT_EQ(snapshot.config().upstreams[snapshot.upstream_of(app)].name, "app");
  EXPECT_EQ(snapshot.label_of(api), "shop.example,*.shop.example/api");
  EXPECT_EQ(snapshot.label_of(app), "/");
  EXPECT_EQ(routes_.names()[snapshot.slot_of(api)], snapshot.label_of(api));
  EXPECT_EQ(routes_.names()[snapshot.slot_of(app)], "/");
}

TEST_F(SnapshotTest, ARouteThatIsSplitKnowsEachOfItsUpstreams) {
  Snapshot snapshot = make(R"(
listeners: [":8080"]
routes: [{ path: /, split: [api, { upstream: app, weight: 2 }] }]
upstreams: { app: 10.1.0.1:3000, api: 10.1.0.2:3000 }
)");
  const RouteConfig& route = snapshot.config().routes[0];

  EXPECT_EQ(snapshot.split_upstream_of(route, 0), 1U);
  EXPECT_EQ(snapshot.split_upstream_of(route, 1), 0U);
  EXPECT_NE(snapshot.rules_of(route), nullptr);
}

TEST_F(SnapshotTest, ARouteWithoutRulesHasNone) {
  Snapshot snapshot = make(two_upstreams);

  EXPECT_EQ(snapshot.rules_of(snapshot.config().routes[0]), nullptr);
}

TEST_F(SnapshotTest, SlotsStayTheSameWhenTheOrderChanges) {
  Snapshot before = make(two_upstreams);
  std::uint16_t app_before = before.upstream_slots()[0];
  Snapshot after = make(R"(
listeners: [":8080"]
routes: [{ path: /, to: app }]
upstreams:
  new: [http://10.1.0.3:3000]
  app: [http://10.1.0.1:3000]
)");

  EXPECT_EQ(after.config().upstreams[1].name, "app");
  EXPECT_EQ(after.upstream_slots()[1], app_before);
  EXPECT_NE(after.upstream_slots()[0], app_before);
}

TEST_F(SnapshotTest, TheConfiguredNameIsUsedInVia) {
  Snapshot snapshot = make(two_upstreams);

  EXPECT_EQ(snapshot.name(), "edge");
  EXPECT_EQ(snapshot.via(), "1.1 edge");
  EXPECT_EQ(snapshot.generation(), 7U);
}

TEST_F(SnapshotTest, TwoGatewaysOnOneMachineHaveTwoNames) {
  Snapshot one = make("listeners: [\":8080\"]\nupstreams: {app: [http://10.1.0.1:3000]}\n");
  Snapshot other = make("listeners: [\":8081\"]\nupstreams: {app: [http://10.1.0.1:3000]}\n");
  Snapshot again = make("listeners: [\":8080\"]\nupstreams: {app: [http://10.1.0.9:3000]}\n");

  EXPECT_NE(one.name(), other.name());
  EXPECT_EQ(one.name(), again.name());
}

TEST_F(SnapshotTest, LimitsAndTimesReachTheParser) {
  Snapshot snapshot = make(two_upstreams);

  EXPECT_EQ(snapshot.head_limits().section_max, Bytes{4096});
  EXPECT_EQ(snapshot.head_limits().fields_max, 10U);
  EXPECT_EQ(snapshot.http1_server().idle, 5s);
  EXPECT_EQ(snapshot.http1_server().head, 3s);
}

TEST_F(SnapshotTest, OnlyTrustedNetworksAndUnixSocketsAreTrusted) {
  Snapshot snapshot = make(two_upstreams);

  EXPECT_TRUE(snapshot.trusts(*parse_ip("10.255.0.1")));
  EXPECT_FALSE(snapshot.trusts(*parse_ip("11.0.0.1")));
  EXPECT_FALSE(snapshot.trusts(*parse_ip("2001:db8::1")));
  EXPECT_TRUE(snapshot.trusts(Address::unix_at("/run/gw.sock")));
}

}  // namespace
}  // namespace gg
