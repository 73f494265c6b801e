// SPDX-License-Identifier: Apache-2.0
// How the gateway comes to know that an endpoint is bad or well again, and what clients feel of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/world.h"
#include "upstream/health/rest.h"

namespace gg {

namespace {

using First = SimBehaviour::First;
using How = SimOutcome::How;

class HealthTest : public testing::Test {
 protected:
  /// As many sessions as clients, each of so many requests with a pause between them.
  std::vector<std::uint64_t> begin_traffic(World& world, std::size_t requests, Duration pause) {
    std::vector<std::uint64_t> all;
    for (std::size_t i = 0; i < world.clients(); ++i) {
      std::vector<std::uint64_t> ids =
          world.begin({.requests = std::vector<SimRequest>(requests), .pause = pause}, i);
      all.insert(all.end(), ids.begin(), ids.end());
    }
    return all;
  }
  static std::size_t answered_by(const World& world, const std::vector<std::uint64_t>& ids,
                                 std::size_t origin, Instant from, Instant to) {
    return static_cast<std::size_t>(std::ranges::count_if(ids, [&](std::uint64_t id) {
      const SimOutcome& outcome = world.outcome(id);
      return outcome.origin == origin && outcome.began >= from && outcome.began < to;
    }));
  }
  static std::size_t failed(const World& world, const std::vector<std::uint64_t>& ids) {
    return static_cast<std::size_t>(std::ranges::count_if(ids, [&](std::uint64_t id) {
      const SimOutcome& outcome = world.outcome(id);
      return outcome.how != How::whole || outcome.status != 200;
    }));
  }
  static Duration slowest(const World& world, const std::vector<std::uint64_t>& ids, Instant from) {
    Duration slowest{};
    for (std::uint64_t id : ids) {
      const SimOutcome& outcome = world.outcome(id);
      if (outcome.began >= from) slowest = std::max(slowest, outcome.ended - outcome.began);
    }
    return slowest;
  }
  static std::size_t slower_than(const World& world, const std::vector<std::uint64_t>& ids,
                                 Duration limit) {
    return static_cast<std::size_t>(std::ranges::count_if(ids, [&](std::uint64_t id) {
      const SimOutcome& outcome = world.outcome(id);
      return outcome.ended - outcome.began > limit;
    }));
  }
  /// The first change of that origin to that standing; fails the test if there is none.
  static const HealthChange& change(const World& world, std::size_t origin, Standing to) {
    static const HealthChange nothing;
    auto found = std::ranges::find_if(world.health_changes(), [&](const HealthChange& its) {
      return its.origin == origin && its.to == to;
    });
    bool is_there = found != world.health_changes().end();
    if (!is_there) ADD_FAILURE() << "origin " << origin << " never changed so";
    return is_there ? *found : nothing;
  }
  static bool ever_changed(const World& world, std::size_t origin, Standing to) {
    return std::ranges::any_of(world.health_changes(), [&](const HealthChange& its) {
      return its.origin == origin && its.to == to;
    });
  }
};

/// Answers a part of the requests with a 503.
class SometimesBusy final : public SimScript {
 public:
  explicit SometimesBusy(int of_ten) : of_ten_(of_ten) {}
  SimBehaviour behaviour_for(const SimSeenRequest& /*request*/) override {
    return {.delay = 5ms, .status = ++seen_ % 10 < of_ten_ ? 503 : 200};
  }

 private:
  int of_ten_;
  int seen_ = 0;
};

TEST_F(HealthTest, ADeadEndpointIsFoundToBeBackWithoutSpendingARequestOnIt) {
  World world(Seed{1}, {.origins = 2});
  world.origin(1).crash();
  world.ask_all({.requests = std::vector<SimRequest>(20)});
  ASSERT_EQ(change(world, 1, Standing::out).reason, HealthReason::unreachable);
  world.run_for(30s);
  std::size_t attempts = world.records().size();
  world.ask_all({.requests = std::vector<SimRequest>(20)});
  std::size_t at_the_dead = 0;
  for (std::size_t i = attempts; i < world.records().size(); ++i) {
    at_the_dead += world.records()[i].attempts.front().origin == 1U ? 1 : 0;
  }
  EXPECT_EQ(at_the_dead, 0U);

  world.origin(1).restart();
  world.run_for(1500ms);
  const SimOutcome& next = world.ask({});

  EXPECT_EQ(next.origin, 1U);
  EXPECT_EQ(change(world, 1, Standing::recovering).reason, HealthReason::answered);
}

TEST_F(HealthTest, WhenAllComeBackTheFirstSuccessTakesLessThanATenthOfASecond) {
  World world(Seed{2}, {.origins = 3, .clients = 4});
  Instant begin = world.sim().now();
  Instant back = begin + 5s;
  for (std::size_t i = 0; i < 3; ++i) {
    world.sim().at(begin + 1s, [&world, i] { world.origin(i).crash(); });
    world.sim().at(back, [&world, i] { world.origin(i).restart(); });
  }
  std::vector<std::uint64_t> ids = begin_traffic(world, 300, 20ms);
  world.run();

  Duration first{1h};
  std::size_t deliveries = 0;
  std::size_t requests = 0;
  for (std::uint64_t id : ids) {
    const SimOutcome& outcome = world.outcome(id);
    if (outcome.began < begin + 1s || outcome.began >= back + 200ms) continue;
    ++requests;
    deliveries += world.times_seen(id);
    if (outcome.status == 200 && outcome.ended >= back)
      first = std::min(first, outcome.ended - back);
  }
  EXPECT_LT(first, 100ms);
  EXPECT_LE(deliveries, requests * 12 / 10);
  EXPECT_EQ(world.outcome(ids.back()).status, 200);
}

TEST_F(HealthTest, WhenAllAreSilentAndBackTheFirstSuccessIsSoonToo) {
  World world(Seed{2}, {.origins = 3, .clients = 8});
  Instant begin = world.sim().now();
  Instant back = begin + 6s;
  for (std::size_t i = 0; i < 3; ++i) {
    Address address = world.origin(i).address();
    world.sim().at(begin + 1s, [&world, address] { world.network().black_hole(address); });
    world.sim().at(back, [&world, address] { world.network().heal(address); });
  }
  std::vector<std::uint64_t> ids = begin_traffic(world, 200, 30ms);
  world.run();

  Duration first{1h};
  for (std::uint64_t id : ids) {
    const SimOutcome& outcome = world.outcome(id);
    bool is_success = outcome.status == 200 && outcome.ended >= back;
    if (is_success) first = std::min(first, outcome.ended - back);
  }
  EXPECT_LT(first, 1100ms);
}

TEST_F(HealthTest, AHangingEndpointGetsNothingAfterASecond) {
  World world(Seed{3}, {.origins = 3, .clients = 20});
  world.always({.delay = 10ms});
  Instant begin = world.sim().now();
  world.sim().at(begin + 3s, [&world] { world.origin(0).engine().freeze(); });
  std::vector<std::uint64_t> ids = begin_traffic(world, 200, 40ms);
  world.run_for(9s);

  const HealthChange& out = change(world, 0, Standing::out);
  // Whichever shows first: that nothing comes at all, or that hedges elsewhere always win.
  bool is_known = out.reason == HealthReason::hanging || out.reason == HealthReason::outrun;
  EXPECT_TRUE(is_known) << static_cast<int>(out.reason);
  EXPECT_LE(out.at, begin + 4s);
  std::size_t stuck = 0;
  for (std::size_t i = 0; i < world.clients(); ++i) {
    for (const SimOutcome& outcome : world.client(i).outcomes()) {
      bool waits_long = outcome.began >= begin + 4s && outcome.began < world.sim().now() - 1s;
      stuck += waits_long && outcome.how == How::pending ? 1 : 0;
    }
  }
  // Those that went there a second after the hang began: probes.
  EXPECT_LE(stuck, 4U);
  world.origin(0).engine().thaw();
  world.run();
  EXPECT_EQ(failed(world, ids), 0U);
}

TEST_F(HealthTest, AnEndpointFiftyTimesSlowerSlowsNoneInAHundred) {
  World world(Seed{4}, {.origins = 3, .clients = 10});
  world.upstream().balance.algorithm = Balance::round_robin;
  world.always({.delay = 10ms});
  world.origin(2).always({.delay = 500ms});
  Instant begin = world.sim().now();

  std::vector<std::uint64_t> ids = begin_traffic(world, 600, 20ms);
  world.run();

  std::vector<std::uint64_t> later(ids);
  std::erase_if(later, [&](std::uint64_t id) { return world.outcome(id).began < begin + 3s; });
  EXPECT_LE(slower_than(world, later, 100ms), later.size() / 100);
}

TEST_F(HealthTest, WithoutHedgingASlowEndpointIsFoundByItsTimes) {
  World world(Seed{4}, {.origins = 3, .clients = 10});
  world.route().hedge.after = "off";
  world.upstream().balance.algorithm = Balance::round_robin;
  world.always({.delay = 10ms});
  world.origin(2).always({.delay = 500ms});
  Instant begin = world.sim().now();

  std::vector<std::uint64_t> ids = begin_traffic(world, 1200, 20ms);
  world.run();

  ASSERT_FALSE(world.health_changes().empty());
  const HealthChange& found = world.health_changes().front();
  EXPECT_EQ(found.origin, 2U);
  // It has few at a time, so its first answers may come in bunches, with silence between.
  EXPECT_TRUE(found.reason == HealthReason::slow || found.reason == HealthReason::hanging);
  EXPECT_LE(found.at, begin + 2s);
  std::vector<std::uint64_t> later(ids);
  std::erase_if(later, [&](std::uint64_t id) { return world.outcome(id).began < begin + 3s; });
  EXPECT_LE(slower_than(world, later, 100ms), later.size() / 100);
}

TEST_F(HealthTest, ABalancerThatLooksAtTimesSparesASlowEndpointFromTheStart) {
  World world(Seed{4}, {.origins = 3, .clients = 10});
  world.always({.delay = 10ms});
  world.origin(2).always({.delay = 500ms});

  std::vector<std::uint64_t> ids = begin_traffic(world, 600, 20ms);
  world.run();

  EXPECT_LE(slower_than(world, ids, 100ms), ids.size() / 100);
}

TEST_F(HealthTest, OneSlowAnswerCostsSecondsAndNotAMinute) {
  World world(Seed{5}, {.origins = 2, .clients = 6});
  world.always({.delay = 2ms});
  Instant begin = world.sim().now();
  world.sim().at(begin + 1s, [&world] { world.origin(1).next({.delay = 400ms}); });

  std::vector<std::uint64_t> ids = begin_traffic(world, 1000, 18ms);
  world.run();

  std::size_t before = answered_by(world, ids, 1, begin, begin + 1s);
  std::size_t after = answered_by(world, ids, 1, begin + 12s, begin + 13s);
  EXPECT_GT(before, 50U);
  EXPECT_GT(after, before / 2);
}

TEST_F(HealthTest, AnEndpointThatFailsFarMoreOftenThanTheOthersIsEjected) {
  World world(Seed{6}, {.origins = 3, .clients = 5});
  world.always({.delay = 5ms});
  SometimesBusy busy(4);
  world.origin(1).set_script(&busy);

  std::vector<std::uint64_t> ids = begin_traffic(world, 200, 20ms);
  world.run();

  EXPECT_EQ(change(world, 1, Standing::out).reason, HealthReason::failure_rate);
  EXPECT_EQ(failed(world, ids), 0U);
}

TEST_F(HealthTest, WhenAllFailAlikeNobodyIsEjectedForIt) {
  World world(Seed{6}, {.origins = 3, .clients = 5});
  SometimesBusy busy(4);
  for (std::size_t i = 0; i < 3; ++i) world.origin(i).set_script(&busy);

  begin_traffic(world, 100, 20ms);
  world.run();

  EXPECT_TRUE(world.health_changes().empty());
}

TEST_F(HealthTest, AnEndpointThatStopsKeepingConnectionsIsGoingAway) {
  World world(Seed{7}, {.origins = 2, .clients = 4});
  world.always({.delay = 2ms});
  Instant begin = world.sim().now();
  world.sim().at(begin + 1s, [&world] { world.origin(0).always({.delay = 2ms, .closes = true}); });

  begin_traffic(world, 200, 10ms);
  world.run();

  EXPECT_EQ(change(world, 0, Standing::out).reason, HealthReason::going_away);
  EXPECT_LE(change(world, 0, Standing::out).at, begin + 1500ms);
}

TEST_F(HealthTest, AnEndpointThatNeverKeepsConnectionsIsLeftAlone) {
  World world(Seed{7}, {.origins = 2, .clients = 4});
  world.origin(0).always({.closes = true});

  begin_traffic(world, 100, 10ms);
  world.run();

  EXPECT_TRUE(world.health_changes().empty());
}

TEST_F(HealthTest, WorkersShareWhatTheyKnow) {
  World world(Seed{8}, {.origins = 3, .clients = 12, .workers = 4});
  world.origin(1).crash();

  begin_traffic(world, 20, 5ms);
  world.run();

  std::size_t met = 0;
  for (const KeptRecord& record : world.records()) {
    for (const KeptAttempt& attempt : record.attempts) {
      met += attempt.fault == Fault::connect_refused ? 1 : 0;
    }
  }
  // Those that were under way together when the first was refused.
  EXPECT_LE(met, 12U);
  EXPECT_EQ(std::ranges::count(world.health_changes(), Standing::out, &HealthChange::to), 1);
}

TEST_F(HealthTest, APageThatFailsTakesAnEndpointOutBeforeAClientMeetsIt) {
  World world(Seed{9}, {.origins = 2});
  world.upstream().health = {.get = "/healthz", .every = 1s};
  world.origin(1).always({.status = 500});
  world.start();
  world.run_for(5s);
  ASSERT_EQ(change(world, 1, Standing::out).reason, HealthReason::checks_failed);

  std::vector<const SimOutcome*> outcomes =
      world.ask_all({.requests = std::vector<SimRequest>(10)});
  EXPECT_TRUE(std::ranges::all_of(outcomes, [](const SimOutcome* o) { return o->origin == 0U; }));

  world.origin(1).always({});
  world.run_for(3s);
  EXPECT_EQ(change(world, 1, Standing::recovering).reason, HealthReason::checks_passed);
}

TEST_F(HealthTest, ChecksAreAskedOfTheRightHostAndMayExpectAStatusAndAText) {
  World world(Seed{9}, {.origins = 2});
  world.upstream().health = {.get = "/healthz", .every = 1s, .host = "app.example", .status = 204};
  world.origin(0).always({.status = 204});
  world.start();
  world.run_for(6s);

  EXPECT_EQ(change(world, 1, Standing::out).reason, HealthReason::checks_failed);
  EXPECT_FALSE(ever_changed(world, 0, Standing::out));
  EXPECT_EQ(world.origin(0).requests().front().target, "/healthz");
  EXPECT_EQ(world.origin(0).requests().front().method, "GET");
}

TEST_F(HealthTest, ADrainedEndpointGetsNothingAndComesBackWhenItIsOver) {
  World world(Seed{10}, {.origins = 2});
  world.start();
  PoolHealth& pool = world.health();
  auto drain = [&](bool wanted) {
    pool.change(0, world.sim().now(), {}, [wanted](HealthState state) {
      state.is_draining = wanted;
      return state;
    });
  };
  drain(true);
  std::vector<const SimOutcome*> outcomes =
      world.ask_all({.requests = std::vector<SimRequest>(10)});
  EXPECT_TRUE(std::ranges::all_of(outcomes, [](const SimOutcome* o) { return o->origin == 1U; }));

  drain(false);
  outcomes = world.ask_all({.requests = std::vector<SimRequest>(10)});
  EXPECT_TRUE(std::ranges::any_of(outcomes, [](const SimOutcome* o) { return o->origin == 0U; }));
}

TEST_F(HealthTest, WhenEveryEndpointDrainsThatIsTheCause) {
  World world(Seed{10}, {.origins = 1});
  world.start();
  world.health().change(0, world.sim().now(), {}, [](HealthState state) {
    state.is_draining = true;
    return state;
  });

  const SimOutcome& outcome = world.ask({});

  EXPECT_EQ(outcome.status, 503);
  EXPECT_EQ(world.last_record().fault, Fault::all_endpoints_draining);
}

TEST_F(HealthTest, AnEndpointThatAnswersBadlyAndIsAloneIsStillUsed) {
  World world(Seed{11}, {.origins = 1});
  world.origin().always({.first = First::reset});
  world.ask_all({.requests = std::vector<SimRequest>(10)});
  world.origin().always({});

  EXPECT_EQ(world.ask({}).status, 200);
  EXPECT_FALSE(ever_changed(world, 0, Standing::out));
}

TEST_F(HealthTest, HalfOfThePoolAtMostIsEjectedForAnsweringBadly) {
  World world(Seed{12}, {.origins = 4, .clients = 4});
  world.always({.first = First::reset});
  world.origin(3).always({});

  begin_traffic(world, 100, 10ms);
  world.run();

  std::size_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    Standing standing = world.health().state(i, world.sim().now()).standing;
    out += standing == Standing::out || standing == Standing::probing ? 1 : 0;
  }
  EXPECT_LE(out, 2U);
  EXPECT_GE(out, 1U);
}

// "Come back later"
// --------------------------------------------------------------------------------------

TEST_F(HealthTest, AnEndpointThatAsksForTimeGetsIt) {
  World world(Seed{4}, {.origins = 3});
  world.origin(0).always({.status = 503, .fields = {{"Retry-After", "3"}}});

  std::vector<std::uint64_t> ids = begin_traffic(world, 300, 20ms);
  world.run();

  EXPECT_EQ(failed(world, ids), 0U);
  // Six seconds: as it asks for the first time, and twice again when its time is over.
  EXPECT_GE(world.origin(0).requests().size(), 2U);
  EXPECT_LE(world.origin(0).requests().size(), 3U);
}

TEST_F(HealthTest, WithoutSuchAWordItIsTriedAgainAndAgain) {
  World world(Seed{4}, {.origins = 3});
  world.origin(0).always({.status = 503});

  std::vector<std::uint64_t> ids = begin_traffic(world, 300, 20ms);
  world.run();

  EXPECT_EQ(failed(world, ids), 0U);
  EXPECT_GE(world.origin(0).requests().size(), 6U);
}

TEST_F(HealthTest, WhoAsksForAYearGetsSeconds) {
  World world(Seed{4}, {.origins = 3});
  world.origin(0).next({.status = 503, .fields = {{"Retry-After", "31536000"}}});
  begin_traffic(world, 20, 20ms);
  world.run();
  std::size_t before = world.origin(0).requests().size();
  world.run_for(rest_most);

  begin_traffic(world, 20, 20ms);
  world.run();

  EXPECT_EQ(before, 1U);
  EXPECT_GT(world.origin(0).requests().size(), before);
}

TEST_F(HealthTest, WhenAllAskForTimeNobodyIsLeftAloneForIt) {
  World world(Seed{4}, {.origins = 3});
  world.always({.status = 503, .fields = {{"Retry-After", "60"}}});
  begin_traffic(world, 20, 20ms);
  world.run();

  world.always({});
  std::vector<std::uint64_t> ids = begin_traffic(world, 20, 20ms);
  world.run();

  EXPECT_EQ(failed(world, ids), 0U);
}

TEST_F(HealthTest, ARefusalOfOneClientsRateSaysNothingOfTheEndpoint) {
  World world(Seed{4}, {.origins = 2});
  world.prefer(0);
  world.origin(0).next({.status = 429, .fields = {{"Retry-After", "60"}}});

  EXPECT_EQ(world.ask({}).status, 429);
  EXPECT_EQ(world.ask({}).origin, 0U);
}

TEST_F(HealthTest, ARefusalThatTheRouteListsLeavesTheEndpointAlone) {
  World world(Seed{4}, {.origins = 2});
  world.prefer(0);
  world.route().retry.on.push_back({.kind = RetryOn::Kind::status, .status = 429});
  world.origin(0).next({.status = 429, .fields = {{"Retry-After", "60"}}});

  EXPECT_EQ(world.ask({}).origin, 1U);
  EXPECT_EQ(world.ask({}).origin, 1U);
  world.run_for(rest_most);
  EXPECT_EQ(world.ask({}).origin, 0U);
}

}  // namespace

}  // namespace gg
