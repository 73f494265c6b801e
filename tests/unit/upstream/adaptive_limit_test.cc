// SPDX-License-Identifier: Apache-2.0
#include "upstream/admission/adaptive_limit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <queue>
#include <vector>

#include "base/rng.h"

namespace gg {

namespace {

/// An endpoint with so many slots and a queue before them, given as many requests as the limit
/// allows and `demand` asks for.
class Station {
 public:
  explicit Station(std::size_t slots) : free_at_(slots) {}

  std::function<Duration()> service = [] { return Duration(50ms); };
  std::size_t demand = 1000;
  AdaptiveLimit limit;
  std::size_t answers = 0;
  Duration slowest{};

  void run(Duration time) {
    Instant end = now_ + time;
    fill();
    while (!under_way_.empty() && under_way_.top().ends <= end) {
      Request request = under_way_.top();
      under_way_.pop();
      now_ = request.ends;
      ++answers;
      slowest = std::max(slowest, now_ - request.sent);
      limit.observe({.time = now_ - request.sent,
                     .in_flight = request.in_flight,
                     .still_there = static_cast<std::uint32_t>(under_way_.size())},
                    now_);
      fill();
    }
    now_ = end;
  }
  /// So many slots are gone once they are free.
  void lose(std::size_t slots) {
    for (std::size_t i = 0; i < slots; ++i) free_at_[i] = Instant{24h};
  }
  void forget() {
    answers = 0;
    slowest = {};
  }
  Instant now() const { return now_; }

 private:
  struct Request {
    Instant sent;
    Instant ends;
    std::uint32_t in_flight;
    bool operator>(const Request& other) const { return ends > other.ends; }
  };

  void fill() {
    while (under_way_.size() < std::min<std::size_t>(limit.limit(), demand)) {
      auto slot = std::ranges::min_element(free_at_);
      *slot = std::max(*slot, now_) + service();
      under_way_.push({.sent = now_,
                       .ends = *slot,
                       .in_flight = static_cast<std::uint32_t>(under_way_.size() + 1)});
    }
  }

  Instant now_{1s};
  std::vector<Instant> free_at_;
  std::priority_queue<Request, std::vector<Request>, std::greater<>> under_way_;
};

Duration spread(Rng& rng, Duration mean) {
  return Duration(
      static_cast<Duration::rep>(static_cast<double>(mean.count()) * 2 * rng.fraction()));
}

TEST(AdaptiveLimit, GrowsWhereverThereIsRoom) {
  Station station(2'000);

  station.run(2s);

  EXPECT_GE(station.limit.limit(), 1000U);
  EXPECT_FALSE(station.limit.is_congested());
}

TEST(AdaptiveLimit, GrowsInMillisecondsIfAnswersTakeMilliseconds) {
  Station station(2'000);
  station.service = [] { return Duration(1ms); };

  station.run(20ms);

  EXPECT_GE(station.limit.limit(), 1000U);
}

TEST(AdaptiveLimit, KeepsAnEndpointBusyAndItsQueueShort) {
  Rng rng(3);
  Station station(10);
  station.service = [&rng] { return Duration(40ms) + spread(rng, 10ms); };
  station.demand = 5;
  station.run(2s);
  station.demand = 1000;
  station.run(2s);
  station.forget();

  station.run(5s);

  EXPECT_GE(station.answers, 970U);
  EXPECT_LE(station.slowest, 130ms);
  EXPECT_TRUE(station.limit.is_congested());
}

TEST(AdaptiveLimit, FollowsALossOfCapacity) {
  Rng rng(4);
  Station station(10);
  Duration base = 40ms;
  station.service = [&rng, &base] { return base + spread(rng, 10ms); };
  station.demand = 5;
  station.run(2s);
  station.demand = 1000;
  station.run(3s);
  std::uint32_t before = station.limit.limit();

  station.lose(6);
  station.run(5s);
  station.forget();
  station.run(5s);

  EXPECT_LE(station.limit.limit(), before * 2 / 3);
  EXPECT_GE(station.answers, 380U);
  EXPECT_LE(station.slowest, 150ms);
}

TEST(AdaptiveLimit, LeavesWhatIsSlowByNatureAlone) {
  Station station(2'000);
  station.service = [] { return Duration(20ms); };
  station.demand = 200;
  station.run(3s);
  station.service = [] { return Duration(400ms); };

  station.run(6s);

  EXPECT_GE(station.limit.limit(), 200U);
  EXPECT_FALSE(station.limit.is_congested());
  EXPECT_EQ(station.limit.usual(), 400ms);
}

TEST(AdaptiveLimit, DoesNotMindAMixtureOfQuickAndSlow) {
  Rng rng(5);
  Station station(2'000);
  station.service = [&rng] { return rng.chance(0.5) ? Duration(1ms) : Duration(700ms); };
  station.demand = 300;

  station.run(20s);

  EXPECT_GE(station.limit.limit(), 300U);
  EXPECT_FALSE(station.limit.is_congested());
}

TEST(AdaptiveLimit, DoesNotTakeAPauseOfThisMachineForCongestion) {
  Station station(2'000);
  station.service = [] { return Duration(2ms); };
  station.demand = 100;
  station.run(1s);
  Instant woken = station.now() + 80ms;

  for (std::uint32_t i = 100; i > 0; --i) {
    station.limit.observe({.time = 80ms, .in_flight = i, .still_there = i - 1}, woken);
  }

  EXPECT_FALSE(station.limit.is_congested());
  EXPECT_GE(station.limit.limit(), 100U);
}

TEST(AdaptiveLimit, IsCalmAgainSoonAfterTheLoad) {
  Rng rng(6);
  Station station(10);
  station.service = [&rng] { return Duration(40ms) + spread(rng, 10ms); };
  station.demand = 5;
  station.run(2s);
  station.demand = 1000;
  station.run(5s);
  ASSERT_TRUE(station.limit.is_congested());
  station.demand = 5;

  station.run(1s);

  EXPECT_FALSE(station.limit.is_congested());
}

TEST(AdaptiveLimit, RisesForThoseWhoWaitWhereNothingIsAnswered) {
  AdaptiveLimit limit;
  Instant now{1s};
  std::uint32_t before = limit.limit();

  for (; now < Instant{1500ms}; now = now + 10ms)
    limit.press({.waited = now - Instant{1s}, .most = 1s}, now);

  EXPECT_GE(limit.limit(), 8 * before);
}

TEST(AdaptiveLimit, DoesNotRiseUnderPressureWhileAnswersAreSlow) {
  Rng rng(7);
  Station station(10);
  station.service = [&rng] { return Duration(40ms) + spread(rng, 10ms); };
  station.demand = 5;
  station.run(2s);
  station.demand = 1000;

  for (int i = 0; i < 300; ++i) {
    station.run(10ms);
    station.limit.press({.waited = 400ms, .most = 1s}, station.now());
  }

  EXPECT_LE(station.limit.limit(), 25U);
}

TEST(AdaptiveLimit, StaysWhereAnswersThatUsedToComeDoNotComeAnyMore) {
  Station station(10);
  station.run(1s);
  station.demand = 0;
  station.run(300ms);
  std::uint32_t before = station.limit.limit();

  Instant silent_since = station.now();
  for (Instant now = silent_since; now < silent_since + 1s; now = now + 10ms) {
    station.limit.press({.waited = now - silent_since, .most = 1s, .are_few = false}, now);
  }

  EXPECT_EQ(station.limit.limit(), before);
}

TEST(AdaptiveLimit, LetsAFewInBeforeTheyHaveWaitedForTooLong) {
  Rng rng(8);
  Station station(10);
  station.service = [&rng] { return Duration(40ms) + spread(rng, 10ms); };
  station.demand = 5;
  station.run(2s);
  station.demand = 1000;
  station.run(2s);
  ASSERT_TRUE(station.limit.is_congested());
  std::uint32_t before = station.limit.limit();

  station.limit.press({.waited = 500ms, .most = 1s, .are_few = false}, station.now());
  EXPECT_EQ(station.limit.limit(), before);

  station.limit.press({.waited = 500ms, .most = 1s, .are_few = true}, station.now());
  EXPECT_GE(station.limit.limit(), 2 * before);
  EXPECT_FALSE(station.limit.is_congested());
}

TEST(AdaptiveLimit, KeepsAFewSlotsBusyToo) {
  Station station(3);
  station.service = [] { return Duration(60ms); };
  station.demand = 2;
  station.run(2s);
  station.demand = 1000;
  station.run(2s);
  station.forget();

  station.run(6s);

  EXPECT_GE(station.answers, 285U);
  EXPECT_LE(station.slowest, 150ms);
}

TEST(AdaptiveLimit, TakesWhatOthersFoundOutForUsual) {
  AdaptiveLimit limit;
  limit.be_told(60ms);

  EXPECT_EQ(limit.usual(), 60ms);
  EXPECT_TRUE(limit.is_quick(61ms));
  EXPECT_FALSE(limit.is_quick(150ms));
}

TEST(AdaptiveLimit, WhatMayHaveWaitedHereIsNeitherSlowNorQuick) {
  AdaptiveLimit limit;
  EXPECT_EQ(limit.without_doubt(80ms, 70ms), 80ms);
  limit.be_told(20ms);

  EXPECT_EQ(limit.without_doubt(80ms, 0ms), 80ms);
  EXPECT_EQ(limit.without_doubt(80ms, 30ms), 50ms);
  EXPECT_EQ(limit.without_doubt(80ms, 70ms), 20ms);
  EXPECT_EQ(limit.without_doubt(15ms, 70ms), 15ms);
}

}  // namespace

}  // namespace gg
