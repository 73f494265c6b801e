// SPDX-License-Identifier: Apache-2.0
#include "upstream/upstream.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/sim/sim_engine.h"

namespace gg {
namespace {

class UpstreamTest : public testing::Test {
 protected:
  UpstreamTest() { settings_.balance.algorithm = Balance::round_robin; }

  /// An endpoint at 10.0.0.1, 10.0.0.2 … in the order of adding.
  void add_endpoint(std::uint32_t tier = 1, std::string zone = "") {
    std::string host = "10.0.0." + std::to_string(settings_.endpoints.size() + 1);
    settings_.endpoints.push_back(
        {.url = {.scheme = Scheme::http, .host = host, .port = 80, .path = {}},
         .tier = tier,
         .zone = std::move(zone)});
  }
  void add_name() {
    settings_.endpoints.push_back(
        {.url = {.scheme = Scheme::http, .host = "app.internal", .port = 80, .path = {}}});
  }
  /// Made on first use, as are those below.
  PoolHealth& health() {
    if (!health_) health_.emplace(settings_, nullptr, nullptr, now_);
    return *health_;
  }
  Upstream& upstream() {
    if (!upstream_) {
      EndpointContext context{.engine = engine_,
                              .settings = settings_,
                              .limits = limits_,
                              .connections = connections_,
                              .requests = requests_,
                              .quickest = quickest_,
                              .counters = counters_,
                              .last_connection_id = last_id_,
                              .health = health(),
                              .own_zone = own_zone_};
      upstream_.emplace(context, std::uint16_t{7});
    }
    return *upstream_;
  }
  Endpoint& endpoint(std::size_t index) { return *upstream().endpoints()[index]; }
  Instant now() const { return now_; }
  /// Out for a second.
  void eject(std::size_t index) {
    HealthTicket(endpoint(index).health, now_).failed(Fault::connect_refused, {}, now_);
  }
  void pass(Duration time) { now_ = now_ + time; }

  Choice choose(const Tried& tried = {}, const ChoiceKey& key = {}) {
    return upstream().choose(tried, now_, rng_, Risk::bearable, key);
  }
  Choice choose_carefully() { return upstream().choose({}, now_, rng_, Risk::avoided); }
  /// Of a thousand choices, how many each endpoint got.
  std::vector<int> counts() {
    std::vector<int> counts(settings_.endpoints.size());
    for (int i = 0; i < 1000; ++i) ++counts[choose().index];
    return counts;
  }
  std::size_t chosen_for(std::uint64_t hash, const Tried& tried = {}) {
    return choose(tried, {.hash = hash, .mark = {}}).index;
  }
  ChoiceKey marked(std::size_t index) {
    return {.hash = {}, .mark = endpoint(index).sticky_mark()};
  }
  /// Who is chosen in twenty turns.
  std::set<std::size_t> chosen(const Tried& tried = {}) {
    std::set<std::size_t> indexes;
    for (int i = 0; i < 20; ++i) {
      Choice choice = choose(tried);
      if (choice.endpoint != nullptr) indexes.insert(choice.index);
    }
    return indexes;
  }
  /// How many of so many requests go there.
  int picks_of(std::size_t index, int requests) {
    int picks = 0;
    for (int i = 0; i < requests; ++i) picks += choose().index == index ? 1 : 0;
    return picks;
  }

  UpstreamConfig settings_{.name = "app"};
  std::string own_zone_;

 private:
  SimWorld world_{1};
  SimEngine engine_{world_};
  Instant now_{1h};
  Rng rng_{1};
  HeadLimits limits_;
  std::atomic<std::uint32_t> connections_{0};
  std::atomic<std::uint32_t> requests_{0};
  std::vector<QuickestAnswer> quickest_ = std::vector<QuickestAnswer>(8);
  UpstreamCounters counters_;
  std::uint64_t last_id_ = 0;
  std::optional<PoolHealth> health_;
  std::optional<Upstream> upstream_;
};

using Indexes = std::set<std::size_t>;

TEST_F(UpstreamTest, EveryEndpointGetsItsTurn) {
  for (int i = 0; i < 3; ++i) add_endpoint();

  EXPECT_EQ(chosen(), (Indexes{0, 1, 2}));
}

TEST_F(UpstreamTest, AChoiceNamesItsEndpoint) {
  for (int i = 0; i < 3; ++i) add_endpoint();

  Choice choice = choose();

  EXPECT_EQ(choice.endpoint, &endpoint(choice.index));
  EXPECT_EQ(choice.why_none, Fault::none);
}

TEST_F(UpstreamTest, WhatWasTriedIsNotChosenAgain) {
  for (int i = 0; i < 3; ++i) add_endpoint();
  Tried tried;
  EXPECT_TRUE(tried.empty());
  tried.add(1);

  EXPECT_EQ(chosen(tried), (Indexes{0, 2}));
  EXPECT_TRUE(upstream().has_untried(tried));

  tried.add(0);
  tried.add(2);
  EXPECT_FALSE(upstream().has_untried(tried));
  EXPECT_EQ(choose(tried).endpoint, nullptr);
  EXPECT_EQ(choose(tried).why_none, Fault::no_healthy_endpoint);
}

TEST_F(UpstreamTest, WhatIsForgottenMayBeTriedAgain) {
  for (int i = 0; i < 3; ++i) add_endpoint();
  Tried tried;
  for (std::size_t i : {0U, 1U, 2U}) tried.add(i);

  tried.forget(0);
  EXPECT_EQ(chosen(tried), Indexes{0});
  tried.forget(2);
  EXPECT_EQ(chosen(tried), (Indexes{0, 2}));
  tried.forget(1);
  EXPECT_TRUE(tried.empty());
}

TEST_F(UpstreamTest, AHigherTierIsUsedWhenTheLowerHasNobody) {
  add_endpoint(2);
  add_endpoint(1);
  add_endpoint(2);
  EXPECT_EQ(chosen(), Indexes{1});

  eject(1);
  EXPECT_EQ(chosen(), (Indexes{0, 2}));
}

TEST_F(UpstreamTest, ARetryLeavesATierWhereEverybodyWasTried) {
  add_endpoint(1);
  add_endpoint(2);
  Tried tried;
  tried.add(0);

  EXPECT_EQ(chosen(tried), Indexes{1});
}

TEST_F(UpstreamTest, AnEjectedEndpointIsLeftOutUntilItsTime) {
  for (int i = 0; i < 3; ++i) add_endpoint();
  eject(1);

  EXPECT_EQ(chosen(), (Indexes{0, 2}));

  pass(1s);
  EXPECT_EQ(choose().index, 1U);
}

TEST_F(UpstreamTest, AnEndpointDueForItsProbeGetsOneRequest) {
  for (int i = 0; i < 3; ++i) add_endpoint();
  eject(1);
  pass(1s);

  Choice probe = choose();
  EXPECT_EQ(probe.index, 1U);
  EXPECT_EQ(chosen(), (Indexes{0, 2}));

  HealthTicket(probe.endpoint->health, now()).answered(200, 1ms, now());
  pass(11s);
  EXPECT_EQ(chosen(), (Indexes{0, 1, 2}));
}

TEST_F(UpstreamTest, AnotherWorkersProbeIsEnough) {
  for (int i = 0; i < 3; ++i) add_endpoint();
  eject(1);
  pass(1s);

  health().change(1, now(), {},
                  [this](const HealthState& state) { return after_probe_sent(state, now()); });

  EXPECT_EQ(chosen(), (Indexes{0, 2}));
}

TEST_F(UpstreamTest, ARetryIsNoProbeWhileSomebodyIsProven) {
  for (int i = 0; i < 3; ++i) add_endpoint();
  eject(1);
  pass(1s);
  Tried tried;
  tried.add(0);

  EXPECT_EQ(chosen(tried), Indexes{2});
  tried.add(2);
  EXPECT_EQ(choose(tried).index, 1U);
}

TEST_F(UpstreamTest, ARequestThatCannotBeSentAgainIsNoProbeUnlessNobodyElseIs) {
  for (int i = 0; i < 2; ++i) add_endpoint();
  eject(1);
  pass(2s);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(choose_carefully().index, 0U);

  pass(4s);
  EXPECT_EQ(choose_carefully().index, 1U);
}

TEST_F(UpstreamTest, AProbeThatFailsWaitsTwiceAsLong) {
  for (int i = 0; i < 2; ++i) add_endpoint();
  eject(1);
  pass(1s);
  ASSERT_EQ(choose().index, 1U);
  eject(1);

  pass(1900ms);
  EXPECT_EQ(chosen(), Indexes{0});
  pass(200ms);
  EXPECT_EQ(choose().index, 1U);
}

TEST_F(UpstreamTest, OneThatHasComeBackGetsAGrowingShare) {
  for (int i = 0; i < 2; ++i) add_endpoint();
  eject(1);
  pass(1s);
  HealthTicket(choose().endpoint->health, now()).answered(200, 1ms, now());

  EXPECT_NEAR(picks_of(1, 4000), 200, 60);
  pass(5s);
  EXPECT_NEAR(picks_of(1, 4000), 1100, 120);
  pass(5s);
  EXPECT_NEAR(picks_of(1, 4000), 2000, 10);
}

TEST_F(UpstreamTest, WhenAllComeBackTogetherTheyShareEvenly) {
  for (int i = 0; i < 2; ++i) add_endpoint();
  for (std::size_t i = 0; i < 2; ++i) eject(i);
  pass(1s);
  for (int i = 0; i < 2; ++i)
    HealthTicket(choose().endpoint->health, now()).answered(200, 1ms, now());

  EXPECT_EQ(picks_of(1, 100), 50);
}

TEST_F(UpstreamTest, ADrainingEndpointIsLeftOut) {
  for (int i = 0; i < 2; ++i) add_endpoint();
  health().change(0, now(), {}, [](HealthState state) {
    state.is_draining = true;
    return state;
  });

  EXPECT_EQ(chosen(), Indexes{1});
}

TEST_F(UpstreamTest, AnOperatorsWeightCountsAtOnce) {
  add_endpoint();
  add_endpoint();

  upstream().set_weight(1, 3);

  EXPECT_EQ(picks_of(1, 1000), 750);
}

TEST_F(UpstreamTest, WhenEverybodyIsEjectedAnybodyIsBetterThanAnError) {
  for (int i = 0; i < 2; ++i) add_endpoint();
  eject(0);
  eject(1);
  ASSERT_FALSE(endpoint(0).health.may_be_used(now()));

  EXPECT_EQ(chosen(), (Indexes{0, 1}));
  EXPECT_EQ(endpoint(0).health.state(now()).standing, Standing::out);
}

TEST_F(UpstreamTest, WhenEverybodyIsBeingProbedAnybodyWillDo) {
  for (int i = 0; i < 2; ++i) add_endpoint();
  for (std::size_t i = 0; i < 2; ++i) eject(i);
  pass(1s);
  ASSERT_NE(choose().index, choose().index);

  EXPECT_EQ(chosen(), (Indexes{0, 1}));
}

TEST_F(UpstreamTest, ARetryTakesADoubtfulEndpointRatherThanTheOneThatFailed) {
  for (int i = 0; i < 2; ++i) add_endpoint();
  eject(1);
  Tried tried;
  tried.add(0);

  EXPECT_EQ(chosen(tried), Indexes{1});
}

TEST_F(UpstreamTest, AnEndpointWithoutAnAddressIsNoChoice) {
  add_name();
  add_endpoint();

  EXPECT_EQ(chosen(), Indexes{1});
  Tried tried;
  tried.add(1);
  EXPECT_FALSE(upstream().has_untried(tried));
}

TEST_F(UpstreamTest, AnUpstreamWithoutAnAddressSaysWhyItsNameHasNone) {
  add_name();
  endpoint(0).set_unresolved(DnsError::no_such_name);
  EXPECT_EQ(choose().why_none, Fault::dns_no_such_name);

  endpoint(0).set_unresolved(DnsError::timeout);
  EXPECT_EQ(choose().why_none, Fault::dns_timeout);

  endpoint(0).set_addresses({*parse_ip("10.0.0.1")});
  EXPECT_EQ(choose().endpoint, &endpoint(0));
}

TEST_F(UpstreamTest, AnUpstreamWithoutEndpointsIsEmpty) {
  EXPECT_EQ(choose().why_none, Fault::empty_upstream);
  EXPECT_FALSE(upstream().has_untried({}));
}

// Rest.

TEST_F(UpstreamTest, WhoAskedForTimeGetsNothingUntilItIsOver) {
  for (int i = 0; i < 3; ++i) add_endpoint();
  upstream().let_rest(endpoint(1), 2s, now());

  EXPECT_EQ(chosen(), (Indexes{0, 2}));
  pass(2s);
  EXPECT_EQ(chosen(), (Indexes{0, 1, 2}));
}

TEST_F(UpstreamTest, WhoAskedForTimeIsBetterThanNobody) {
  for (int i = 0; i < 2; ++i) add_endpoint();
  upstream().let_rest(endpoint(1), 2s, now());
  Tried tried;
  tried.add(0);

  EXPECT_EQ(chosen(tried), Indexes{1});
  eject(0);
  EXPECT_EQ(chosen(), Indexes{1});
}

TEST_F(UpstreamTest, NeverDoAllRestAtOnce) {
  for (int i = 0; i < 2; ++i) add_endpoint();
  for (std::size_t i = 0; i < 2; ++i) upstream().let_rest(endpoint(i), 2s, now());

  EXPECT_TRUE(endpoint(0).health.is_resting(now()));
  EXPECT_FALSE(endpoint(1).health.is_resting(now()));
  EXPECT_EQ(chosen(), Indexes{1});
}

TEST_F(UpstreamTest, TheLastThatIsThereDoesNotRest) {
  for (int i = 0; i < 2; ++i) add_endpoint();
  eject(0);
  upstream().let_rest(endpoint(1), 2s, now());

  EXPECT_FALSE(endpoint(1).health.is_resting(now()));
}

TEST_F(UpstreamTest, AGoodAnswerToALaterRequestEndsARest) {
  for (int i = 0; i < 2; ++i) add_endpoint();
  HealthTicket earlier(endpoint(0).health, now());
  pass(1ms);
  upstream().let_rest(endpoint(0), 5s, now());
  pass(1ms);
  HealthTicket later(endpoint(0).health, now());

  earlier.answered(200, 1ms, now());
  EXPECT_TRUE(endpoint(0).health.is_resting(now()));
  later.answered(503, 1ms, now());
  EXPECT_TRUE(endpoint(0).health.is_resting(now()));
  later.answered(200, 1ms, now());
  EXPECT_FALSE(endpoint(0).health.is_resting(now()));
}

TEST_F(UpstreamTest, AClientWhoseEndpointRestsGoesElsewhere) {
  settings_.balance.sticky.emplace();
  for (int i = 0; i < 2; ++i) add_endpoint();
  upstream().let_rest(endpoint(1), 2s, now());

  EXPECT_EQ(choose({}, marked(1)).index, 0U);
}

// Levels.

TEST_F(UpstreamTest, ATierThatLostHalfGivesAwayJustWhatItCannotCarry) {
  for (std::uint32_t tier : {1U, 1U, 2U}) add_endpoint(tier);
  EXPECT_EQ(counts()[2], 0);

  eject(0);
  std::vector<int> after = counts();

  EXPECT_EQ(after[0], 0);
  EXPECT_NEAR(after[1], 700, 50);
  EXPECT_NEAR(after[2], 300, 50);
}

TEST_F(UpstreamTest, ATierThatLostLittleCarriesEverything) {
  for (std::uint32_t tier : {1U, 1U, 1U, 1U, 2U}) add_endpoint(tier);
  eject(0);

  EXPECT_EQ(counts()[4], 0);
}

TEST_F(UpstreamTest, ATierThatIsJustBackTakesOverBitByBit) {
  for (std::uint32_t tier : {1U, 2U}) add_endpoint(tier);
  choose();
  eject(0);
  EXPECT_EQ(counts(), (std::vector<int>{0, 1000}));
  pass(1s);
  HealthTicket(choose().endpoint->health, now()).answered(200, 1ms, now());

  // A tenth of its share at first, 1.4 times of which it is taken to carry.
  EXPECT_NEAR(counts()[0], 140, 40);
  pass(5s);
  EXPECT_NEAR(counts()[0], 770, 50);
  pass(5s);
  EXPECT_EQ(counts(), (std::vector<int>{1000, 0}));
}

TEST_F(UpstreamTest, TheOwnZoneIsUsedAsLongAsItCanCarryTheLoad) {
  own_zone_ = "b";
  for (const char* zone : {"a", "b", "b", ""}) add_endpoint(1, zone);
  EXPECT_EQ(chosen(), (Indexes{1, 2}));

  eject(1);
  std::vector<int> after = counts();
  EXPECT_NEAR(after[2], 700, 50);
  EXPECT_NEAR(after[0], 150, 40);
  EXPECT_NEAR(after[3], 150, 40);

  eject(2);
  EXPECT_EQ(chosen(), (Indexes{0, 3}));
}

TEST_F(UpstreamTest, AnotherZoneOfTheTierComesBeforeTheNextTier) {
  own_zone_ = "b";
  add_endpoint(2, "b");
  add_endpoint(1, "a");
  add_endpoint(1, "b");
  EXPECT_EQ(chosen(), Indexes{2});

  eject(2);
  EXPECT_EQ(chosen(), Indexes{1});
  eject(1);
  EXPECT_EQ(chosen(), Indexes{0});
}

TEST_F(UpstreamTest, WithoutAZoneOfItsOwnTheGatewayPrefersNone) {
  for (const char* zone : {"a", "b", ""}) add_endpoint(1, zone);

  EXPECT_EQ(chosen(), (Indexes{0, 1, 2}));
}

TEST_F(UpstreamTest, ARetryStaysInItsLevelWhileSomebodyIsLeftThere) {
  for (std::uint32_t tier : {1U, 1U, 2U}) add_endpoint(tier);
  Tried tried;
  tried.add(0);

  EXPECT_EQ(chosen(tried), Indexes{1});
  tried.add(1);
  EXPECT_EQ(chosen(tried), Indexes{2});
}

TEST_F(UpstreamTest, ARetryOfASpilledRequestComesBackToTheUpperTier) {
  for (std::uint32_t tier : {1U, 1U, 2U}) add_endpoint(tier);
  eject(0);
  Tried tried;
  tried.add(2);

  EXPECT_EQ(chosen(tried), Indexes{1});
}

// Keys.

TEST_F(UpstreamTest, RequestsOfOneHashGoToOneEndpoint) {
  for (int i = 0; i < 5; ++i) add_endpoint();
  std::set<std::size_t> used;

  for (std::uint64_t hash = 1; hash <= 100; ++hash) {
    used.insert(chosen_for(hash));
    EXPECT_EQ(chosen_for(hash), chosen_for(hash));
  }
  EXPECT_EQ(used.size(), 5U);
}

TEST_F(UpstreamTest, OnlyTheRequestsOfAnEjectedEndpointMove) {
  for (int i = 0; i < 5; ++i) add_endpoint();
  std::vector<std::size_t> before;
  for (std::uint64_t hash = 1; hash <= 100; ++hash) before.push_back(chosen_for(hash));

  eject(2);

  for (std::uint64_t hash = 1; hash <= 100; ++hash) {
    std::size_t after = chosen_for(hash);
    EXPECT_NE(after, 2U);
    EXPECT_TRUE(after == before[hash - 1] || before[hash - 1] == 2U);
  }
}

TEST_F(UpstreamTest, RequestsOfOneHashStayInOneLevel) {
  for (std::uint32_t tier : {1U, 1U, 2U, 2U}) add_endpoint(tier);
  eject(0);

  for (std::uint64_t hash = 1; hash != 0; hash <<= 1U) {
    EXPECT_EQ(chosen_for(hash), chosen_for(hash));
  }
}

TEST_F(UpstreamTest, ARequestWithAMarkComesBackToItsEndpoint) {
  settings_.balance.sticky.emplace();
  for (std::uint32_t tier : {1U, 1U, 2U}) add_endpoint(tier);

  EXPECT_EQ(choose({}, marked(1)).index, 1U);
  EXPECT_EQ(choose({}, marked(2)).index, 2U);
}

TEST_F(UpstreamTest, ARequestWhoseEndpointCannotBeUsedGoesElsewhere) {
  settings_.balance.sticky.emplace();
  for (int i = 0; i < 2; ++i) add_endpoint();
  eject(1);
  EXPECT_EQ(choose({}, marked(1)).index, 0U);

  Tried tried;
  tried.add(0);
  EXPECT_EQ(choose(tried, marked(0)).index, 1U);
}

TEST_F(UpstreamTest, ARequestWhoseEndpointDrainsGoesElsewhere) {
  settings_.balance.sticky.emplace();
  for (int i = 0; i < 2; ++i) add_endpoint();
  health().change(1, now(), {}, [](HealthState state) {
    state.is_draining = true;
    return state;
  });

  EXPECT_EQ(choose({}, marked(1)).index, 0U);
}

TEST_F(UpstreamTest, AChoiceTellsWhetherTheCookieNamedIt) {
  settings_.balance.sticky.emplace();
  for (int i = 0; i < 2; ++i) add_endpoint();

  EXPECT_TRUE(choose({}, marked(1)).is_named);
  EXPECT_FALSE(choose().is_named);
  Tried tried;
  tried.add(1);
  EXPECT_FALSE(choose(tried, marked(1)).is_named);
}

TEST_F(UpstreamTest, AMarkOfNobodySaysNothing) {
  settings_.balance.sticky.emplace();
  for (int i = 0; i < 2; ++i) add_endpoint();

  EXPECT_NE(choose({}, {.hash = {}, .mark = 12345}).endpoint, nullptr);
  EXPECT_NE(endpoint(0).sticky_mark(), endpoint(1).sticky_mark());
}

TEST_F(UpstreamTest, WithoutAStickyCookieNobodyHasAMark) {
  add_endpoint();
  add_endpoint();

  EXPECT_EQ(endpoint(0).sticky_mark(), 0U);
  EXPECT_NE(choose({}, {.hash = {}, .mark = 12345}).endpoint, nullptr);
}

TEST_F(UpstreamTest, ItKnowsItsNameAndItsSlot) {
  EXPECT_EQ(upstream().name(), "app");
  EXPECT_EQ(upstream().slot(), 7);
}

}  // namespace
}  // namespace gg
