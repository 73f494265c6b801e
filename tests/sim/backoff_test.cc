// SPDX-License-Identifier: Apache-2.0
// Another attempt goes elsewhere at once, unless the upstream as a whole is in trouble: then after
// a moment that differs from request to request.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/world.h"

namespace gg {

namespace {

/// The time between each failure and the attempt after it.
std::vector<Duration> waits_of(const KeptRecord& record) {
  std::vector<Duration> waits;
  for (std::size_t i = 1; i < record.attempts.size(); ++i) {
    const KeptAttempt& before = record.attempts[i - 1];
    waits.push_back(record.attempts[i].started - before.started - before.total);
  }
  return waits;
}

TEST(BackOff, NobodyWaitsWhileOneEndpointIsSound) {
  World world(Seed{3}, {.origins = 3});
  world.origin(0).crash();
  world.origin(1).crash();

  std::vector<const SimOutcome*> outcomes =
      world.ask_all({.requests = std::vector<SimRequest>(200)});

  std::size_t retries = 0;
  Duration longest = 0ms;
  for (const KeptRecord& record : world.records()) {
    for (Duration wait : waits_of(record)) {
      ++retries;
      longest = std::max(longest, wait);
    }
  }
  EXPECT_GE(retries, 2U);
  EXPECT_EQ(longest, 0ms);
  EXPECT_TRUE(std::ranges::all_of(outcomes, [](const SimOutcome* o) { return o->status == 200; }));
}

TEST(BackOff, WhenEveryEndpointFailsAttemptsAreSpreadOverTime) {
  World world(Seed{3}, {.origins = 3});
  for (std::size_t i = 0; i < 3; ++i) world.origin(i).crash();

  world.ask_all({.requests = std::vector<SimRequest>(60)});

  EXPECT_EQ(waits_of(world.records().front()), (std::vector<Duration>{0ms, 0ms}));
  std::set<Duration> first;
  std::set<Duration> second;
  for (std::size_t i = 40; i < 60; ++i) {
    std::vector<Duration> waits = waits_of(world.records()[i]);
    ASSERT_EQ(waits.size(), 2U);
    first.insert(waits[0]);
    second.insert(waits[1]);
  }
  EXPECT_EQ(first.size(), 20U);
  EXPECT_LE(*first.rbegin(), 25ms);
  EXPECT_GT(*second.rbegin(), 25ms);
  EXPECT_LE(*second.rbegin(), 50ms);
}

TEST(BackOff, AnApologyOfAllIsGivenInTheEnd) {
  World world(Seed{3}, {.origins = 3});
  world.always({.status = 503, .body = 700});

  std::vector<const SimOutcome*> outcomes =
      world.ask_all({.requests = std::vector<SimRequest>(40)});

  EXPECT_TRUE(std::ranges::all_of(outcomes, [](const SimOutcome* outcome) {
    return outcome->how == SimOutcome::How::whole && outcome->status == 503;
  }));
  EXPECT_GT(waits_of(world.last_record()).back(), 0ms);
}

TEST(BackOff, IsOverAsSoonAsTheUpstreamIsBack) {
  World world(Seed{3}, {.origins = 3});
  for (std::size_t i = 0; i < 4; ++i) {
    world.begin({.requests = std::vector<SimRequest>(150), .pause = 20ms});
  }
  world.run_for(500ms);
  for (std::size_t i = 0; i < 3; ++i) world.origin(i).crash();
  world.run_for(2s);
  for (std::size_t i = 0; i < 3; ++i) world.origin(i).restart();
  Instant back = world.sim().now();

  world.run();

  Instant first_success = Instant{Duration::max()};
  std::size_t failed_later = 0;
  for (const SimOutcome& outcome : world.client().outcomes()) {
    bool is_good = outcome.status == 200;
    if (is_good && outcome.ended > back) first_success = std::min(first_success, outcome.ended);
    if (!is_good && outcome.began > back) ++failed_later;
  }
  EXPECT_LT(first_success - back, 100ms);
  EXPECT_EQ(failed_later, 0U);
}

}  // namespace

}  // namespace gg
