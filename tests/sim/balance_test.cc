// SPDX-License-Identifier: Apache-2.0
// Who gets a request when requests belong somewhere: by hash, by cookie, by tier, by zone; and what
// becomes of that when an endpoint is lost.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/world.h"

namespace gg {

namespace {

using Outcomes = std::vector<const SimOutcome*>;

/// Of so many requests one after the other, how many each origin answered.
std::vector<int> answered_by(World& world, std::size_t requests) {
  std::vector<int> counts(world.origins());
  Outcomes outcomes = world.ask_all({.requests = std::vector<SimRequest>(requests)});
  for (const SimOutcome* outcome : outcomes) {
    EXPECT_EQ(outcome->status, 200);
    if (outcome->origin) ++counts[*outcome->origin];
  }
  return counts;
}

SimRequest with_cookie(std::string cookie) {
  return {.fields = {{"cookie", "theme=dark; " + std::move(cookie)}}};
}
/// "NAME=VALUE" of the cookie that an answer sets, or nothing.
std::string cookie_set_by(const SimOutcome& outcome) {
  std::optional<std::string> value = only_value(outcome.fields, "set-cookie");
  return value ? value->substr(0, value->find(';')) : "";
}

class Sticky : public testing::Test {
 protected:
  Sticky() {
    world_.upstream().balance = {.algorithm = Balance::round_robin,
                                 .hash = {},
                                 .sticky = StickyConfig{.cookie = "route", .secret = "s"}};
  }

  World world_{Seed{3}, {.origins = 4}};
};

TEST_F(Sticky, TheFirstAnswerSetsACookie) {
  const SimOutcome& outcome = world_.ask({});

  std::string cookie = only_value(outcome.fields, "set-cookie").value_or("");
  EXPECT_EQ(cookie.substr(0, 6), "route=");
  EXPECT_EQ(cookie.find_first_not_of("0123456789abcdef", 6), 22U);
  EXPECT_EQ(cookie.substr(22), "; Path=/; HttpOnly; SameSite=Lax");
}

TEST_F(Sticky, AClientComesBackToTheEndpointThatAnsweredFirst) {
  const SimOutcome& first = world_.ask({});
  std::string cookie = cookie_set_by(first);

  Outcomes outcomes =
      world_.ask_all({.requests = std::vector<SimRequest>(30, with_cookie(cookie))});

  for (const SimOutcome* outcome : outcomes) {
    EXPECT_EQ(outcome->origin, first.origin);
    EXPECT_EQ(cookie_set_by(*outcome), "");
  }
}

TEST_F(Sticky, NewClientsAreShared) {
  std::vector<int> counts = answered_by(world_, 200);

  EXPECT_GE(std::ranges::min(counts), 20);
}

TEST_F(Sticky, AClientWhoseEndpointIsDownGoesElsewhereAndStaysThere) {
  const SimOutcome& first = world_.ask({});
  world_.origin(*first.origin).crash();

  const SimOutcome& second = world_.ask(with_cookie(cookie_set_by(first)));
  EXPECT_EQ(second.status, 200);
  EXPECT_NE(second.origin, first.origin);
  std::string moved = cookie_set_by(second);
  EXPECT_NE(moved, "");
  EXPECT_NE(moved, cookie_set_by(first));

  world_.origin(*first.origin).restart();
  world_.run_for(10s);
  const SimOutcome& third = world_.ask(with_cookie(moved));
  EXPECT_EQ(third.origin, second.origin);
  EXPECT_EQ(cookie_set_by(third), "");
}

TEST_F(Sticky, ASlowAnswerIsWaitedForWhereTheClientBelongs) {
  answered_by(world_, 40);
  const SimOutcome& first = world_.ask({});
  world_.origin(*first.origin).always({.delay = 2s});

  const SimOutcome& second = world_.ask(with_cookie(cookie_set_by(first)));

  EXPECT_EQ(second.origin, first.origin);
  EXPECT_EQ(world_.times_seen(second.id), 1U);
}

TEST_F(Sticky, AClientWhoseEndpointHangsGoesElsewhere) {
  answered_by(world_, 40);
  const SimOutcome& first = world_.ask({});
  world_.origin(*first.origin).always({.hangs = true});

  const SimOutcome& second = world_.ask(with_cookie(cookie_set_by(first)));

  EXPECT_EQ(second.status, 200);
  EXPECT_NE(second.origin, first.origin);
  EXPECT_LT(second.ended - second.began, 7s);
}

TEST_F(Sticky, AClientWithLittleTimeGoesElsewhereWhenHalfOfItIsOver) {
  world_.upstream().timeouts.first_byte = 3s;
  answered_by(world_, 40);
  const SimOutcome& first = world_.ask({});
  world_.origin(*first.origin).always({.hangs = true});

  const SimOutcome& second = world_.ask(with_cookie(cookie_set_by(first)));

  EXPECT_EQ(second.status, 200);
  EXPECT_LT(second.ended - second.began, 2s);
}

TEST_F(Sticky, ManyClientsOfAHangingEndpointGoElsewhereSoon) {
  world_.ask_all({.requests = std::vector<SimRequest>(200), .pause = 10ms});
  const SimOutcome& first = world_.ask({});
  std::string cookie = cookie_set_by(first);
  world_.origin(*first.origin).always({.hangs = true});

  std::vector<std::uint64_t> ids;
  for (int i = 0; i < 6; ++i) {
    ids.push_back(world_.begin({.requests = {with_cookie(cookie)}}).front());
  }
  world_.run();

  for (std::uint64_t id : ids) {
    EXPECT_EQ(world_.outcome(id).status, 200);
    EXPECT_LT(world_.outcome(id).ended - world_.outcome(id).began, 2s);
  }
}

TEST_F(Sticky, ACookieThatNamesNobodyIsRewritten) {
  const SimOutcome& nobody = world_.ask(with_cookie("route=0123456789abcdef"));
  EXPECT_EQ(nobody.status, 200);
  EXPECT_NE(cookie_set_by(nobody), "");

  const SimOutcome& nonsense = world_.ask(with_cookie("route=../../etc"));
  EXPECT_EQ(nonsense.status, 200);
  EXPECT_NE(cookie_set_by(nonsense), "");
}

TEST_F(Sticky, AnAnswerOfTheGatewaysOwnSetsNoCookie) {
  for (std::size_t i = 0; i < world_.origins(); ++i) world_.origin(i).crash();

  const SimOutcome& outcome = world_.ask({});

  EXPECT_NE(outcome.status, 200);
  EXPECT_EQ(cookie_set_by(outcome), "");
}

class ByHash : public testing::Test {
 protected:
  ByHash() {
    world_.upstream().balance = {.algorithm = Balance::round_robin,
                                 .hash = HashKey{.kind = HashKey::Kind::header, .text = "x-tenant"},
                                 .sticky = {}};
  }

  static SimRequest of_tenant(int tenant) {
    return {.fields = {{"X-Tenant", "tenant " + std::to_string(tenant)}}};
  }
  std::vector<std::optional<std::uint64_t>> origins_of_tenants(int tenants) {
    std::vector<SimRequest> requests;
    for (int i = 0; i < tenants; ++i) requests.push_back(of_tenant(i));
    std::vector<std::optional<std::uint64_t>> origins;
    for (const SimOutcome* outcome : world_.ask_all({.requests = std::move(requests)})) {
      EXPECT_EQ(outcome->status, 200);
      origins.push_back(outcome->origin);
    }
    return origins;
  }

  World world_{Seed{3}, {.origins = 4}};
};

TEST_F(ByHash, ATenantAlwaysGoesToTheSameEndpoint) {
  std::vector<std::optional<std::uint64_t>> first = origins_of_tenants(60);

  EXPECT_EQ(origins_of_tenants(60), first);
  std::set<std::optional<std::uint64_t>> used(first.begin(), first.end());
  EXPECT_EQ(used.size(), 4U);
}

TEST_F(ByHash, OnlyTheTenantsOfALostEndpointMove) {
  std::vector<std::optional<std::uint64_t>> before = origins_of_tenants(60);
  world_.origin(2).crash();
  std::vector<std::optional<std::uint64_t>> after = origins_of_tenants(60);

  std::size_t moved = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_NE(after[i], 2U);
    EXPECT_TRUE(after[i] == before[i] || before[i] == 2U);
    if (after[i] != before[i]) ++moved;
  }
  EXPECT_GE(moved, 5U);
}

TEST_F(ByHash, RequestsWithoutTheHeaderAreShared) {
  EXPECT_GE(std::ranges::min(answered_by(world_, 200)), 20);
}

TEST_F(ByHash, APathHasAnEndpointOfItsOwn) {
  world_.upstream().balance.hash = HashKey{.kind = HashKey::Kind::path, .text = ""};

  std::vector<int> counts = answered_by(world_, 50);

  EXPECT_EQ(std::ranges::max(counts), 50);
}

TEST_F(ByHash, AClientAddressHasAnEndpointOfItsOwn) {
  world_.upstream().balance.hash = HashKey{.kind = HashKey::Kind::source, .text = ""};

  std::vector<int> counts = answered_by(world_, 50);

  EXPECT_EQ(std::ranges::max(counts), 50);
}

TEST_F(ByHash, ACookieOfTheApplicationHasAnEndpointOfItsOwn) {
  world_.upstream().balance.hash = HashKey{.kind = HashKey::Kind::cookie, .text = "session"};
  std::set<std::optional<std::uint64_t>> used;

  Outcomes outcomes =
      world_.ask_all({.requests = std::vector<SimRequest>(30, with_cookie("session=abc"))});

  for (const SimOutcome* outcome : outcomes) used.insert(outcome->origin);
  EXPECT_EQ(used.size(), 1U);
}

TEST(Tiers, TheLowerGetsJustWhatTheUpperCannotCarry) {
  World world(Seed{9}, {.origins = 3});
  world.upstream().balance.algorithm = Balance::round_robin;
  world.upstream().endpoints[2].tier = 2;
  EXPECT_EQ(answered_by(world, 200)[2], 0);

  world.origin(0).crash();
  answered_by(world, 20);
  std::vector<int> counts = answered_by(world, 200);

  EXPECT_NEAR(counts[1], 140, 30);
  EXPECT_NEAR(counts[2], 60, 30);
}

TEST(Zones, TheOwnIsPreferredUntilItIsLost) {
  World world(Seed{9}, {.origins = 3});
  world.upstream().balance.algorithm = Balance::round_robin;
  world.config().zone = "b";
  world.upstream().endpoints[0].zone = "a";
  world.upstream().endpoints[1].zone = "b";
  EXPECT_EQ(answered_by(world, 100)[1], 100);

  world.origin(1).crash();
  std::vector<int> counts = answered_by(world, 100);

  EXPECT_EQ(counts[1], 0);
  EXPECT_GE(counts[0], 25);
  EXPECT_GE(counts[2], 25);
}

}  // namespace

}  // namespace gg
