// SPDX-License-Identifier: Apache-2.0
// What clients feel when the endpoints of an upstream become others while requests are under way.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/world.h"

namespace gg {
namespace {

using How = SimOutcome::How;

std::vector<std::uint64_t> begin_traffic(World& world, std::size_t requests, Duration pause) {
  std::vector<std::uint64_t> all;
  for (std::size_t i = 0; i < world.clients(); ++i) {
    std::vector<std::uint64_t> ids =
        world.begin({.requests = std::vector<SimRequest>(requests), .pause = pause}, i);
    all.insert(all.end(), ids.begin(), ids.end());
  }
  return all;
}

std::size_t failed(const World& world, const std::vector<std::uint64_t>& ids) {
  return static_cast<std::size_t>(std::ranges::count_if(ids, [&](std::uint64_t id) {
    const SimOutcome& outcome = world.outcome(id);
    return outcome.how != How::whole || outcome.status != 200;
  }));
}

std::size_t answered_by(const World& world, const std::vector<std::uint64_t>& ids,
                        std::size_t origin) {
  return static_cast<std::size_t>(std::ranges::count_if(
      ids, [&](std::uint64_t id) { return world.outcome(id).origin == origin; }));
}

TEST(Discovery, NobodyFoundYetIsSaidAndTheFirstWhoIsFoundAnswers) {
  World world(Seed{1}, {.origins = 2});
  world.look_up_origins();
  world.start();
  EXPECT_EQ(world.ask({}).status, 503);
  EXPECT_EQ(world.last_record().fault, Fault::empty_upstream);

  world.find({1});

  EXPECT_EQ(world.ask({}).origin, 1U);
}

/// Origin 0 is asked and goes before it has answered, by `go`; then there is more traffic, for
/// origin 1.
template <class Go>
void expect_origin_0_ends_in_order(World& world, Go go) {
  world.look_up_origins();
  world.route().hedge.after = "off";
  world.always({.delay = 200ms});
  world.start();
  world.find({0});
  std::vector<std::uint64_t> before = begin_traffic(world, 1, 0ms);
  world.run_for(100ms);

  go();
  world.run();
  std::vector<std::uint64_t> after = begin_traffic(world, 5, 10ms);
  world.run();

  EXPECT_EQ(failed(world, before), 0U);
  EXPECT_EQ(answered_by(world, before, 0), before.size());
  EXPECT_EQ(answered_by(world, after, 1), after.size());
}

TEST(Discovery, WhoHasGoneGetsNothingMoreAndItsRequestsAreAnswered) {
  World world(Seed{2}, {.origins = 2, .clients = 4});
  expect_origin_0_ends_in_order(world, [&world] { world.find({1}); });
}

TEST(Discovery, WhoHasComeBeginsSlowlyAmongOthers) {
  World world(Seed{3}, {.origins = 3, .clients = 4});
  world.look_up_origins();
  world.upstream().balance.algorithm = Balance::round_robin;
  world.start();
  world.find({0, 1});
  EXPECT_EQ(world.health().state(0, world.sim().now()).standing, Standing::up);

  world.find({0, 1, 2});
  EXPECT_EQ(world.health().state(2, world.sim().now()).standing, Standing::recovering);
  std::vector<std::uint64_t> ids = begin_traffic(world, 50, 1ms);
  world.run();

  EXPECT_EQ(failed(world, ids), 0U);
  EXPECT_GT(answered_by(world, ids, 2), 0U);
  EXPECT_LT(answered_by(world, ids, 2), ids.size() / 4);
}

TEST(Discovery, WhatIsKnownOfThoseWhoStayIsKept) {
  World world(Seed{4}, {.origins = 3});
  world.look_up_origins();
  world.start();
  world.find({0, 1});
  world.origin(0).crash();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(world.ask({}).status, 200);
  ASSERT_EQ(world.health().state(0, world.sim().now()).standing, Standing::out);

  MembershipChange change = world.find({2, 0});

  EXPECT_EQ(change.gone.size(), 1U);
  EXPECT_EQ(world.health().state(0, world.sim().now()).standing, Standing::out);
  EXPECT_EQ(world.ask({}).origin, 2U);
}

TEST(Discovery, WhoIsFoundIsAskedHowItIs) {
  World world(Seed{6}, {.origins = 2});
  world.look_up_origins();
  world.upstream().health = {.get = "/healthz", .every = 1s};
  world.start();

  world.find({1});
  world.run_for(10s);

  EXPECT_EQ(world.origin(0).requests().size(), 0U);
  EXPECT_GE(world.origin(1).requests().size(), 5U);
}

TEST(Discovery, WhoIsDrainedGetsNothingMoreAndItsRequestsAreAnswered) {
  World world(Seed{7}, {.origins = 2, .clients = 4});
  expect_origin_0_ends_in_order(world, [&world] { world.find({0, 1}, {0}); });

  world.find({0, 1});
  EXPECT_EQ(world.health().state(0, world.sim().now()).standing, Standing::recovering);
}

TEST(Discovery, AllDrainedIsWhatWasAskedFor) {
  World world(Seed{8}, {.origins = 2});
  world.look_up_origins();
  world.start();
  world.find({0, 1});

  world.find({0, 1}, {0, 1});

  EXPECT_EQ(world.ask({}).status, 503);
  EXPECT_EQ(world.last_record().fault, Fault::all_endpoints_draining);
}

TEST(Discovery, WhenNobodyIsFoundAnyMoreTheLastOnesGoOn) {
  World world(Seed{5}, {.origins = 2});
  world.look_up_origins();
  world.start();
  world.find({0, 1});

  EXPECT_TRUE(world.find({}).keeps_last);
  EXPECT_EQ(world.ask({}).status, 200);
}

/// Everybody is exchanged again and again, at any moment of any request, with connections kept
/// alive and seats given to others.
TEST(Discovery, UnderTrafficNoChangeOfMembersIsNoticed) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng dice(seed);
    World world(Seed{seed}, {.origins = 6, .clients = 6, .workers = 2});
    world.look_up_origins();
    world.always({.delay = Duration(seed % 5 * 3ms)});
    world.start();
    world.find({0});
    for (Duration at = 5ms; at < 1s; at += 7ms) {
      world.sim().at(world.sim().now() + at, [&world, &dice] {
        std::vector<std::size_t> now;
        std::vector<std::size_t> drained;
        for (std::size_t i = 0; i < 6; ++i) {
          if (dice.below(3) == 0) now.push_back(i);
        }
        // Never all of them: that would be an order to fail.
        for (std::size_t i = 1; i < now.size(); ++i) {
          if (dice.below(4) == 0) drained.push_back(now[i]);
        }
        world.find(now, drained);
      });
    }
    std::vector<std::uint64_t> ids = begin_traffic(world, 60, 5ms);
    world.run();

    EXPECT_EQ(failed(world, ids), 0U);
  }
}

}  // namespace
}  // namespace gg
