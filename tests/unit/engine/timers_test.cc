// SPDX-License-Identifier: Apache-2.0
// The timing wheel: by example, and against a sorted list over many magnitudes.
#include "engine/timers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "base/rng.h"

namespace gg {

namespace {

constexpr Duration tick = Duration(1 << 20);
constexpr Instant start{Duration(123'456'789'012)};

struct NumberedTimer : Timer {
  explicit NumberedTimer(int n, Instant from = start) : number(n), added(from) {}
  int number;
  Instant added;
};

std::vector<int> pop_all(TimerWheel& wheel, Instant now) {
  std::vector<int> numbers;
  while (Timer* timer = wheel.pop_due(now)) {
    numbers.push_back(static_cast<NumberedTimer*>(timer)->number);
  }
  return numbers;
}

TEST(TimerWheelTest, FiresNothingEarlyAndEachWithinATick) {
  TimerWheel wheel(start);
  NumberedTimer timer(1);
  wheel.add(timer, start + 5ms);

  EXPECT_EQ(pop_all(wheel, start + 5ms - 1ns), std::vector<int>{});
  EXPECT_EQ(pop_all(wheel, start + 5ms + tick), std::vector{1});
}

TEST(TimerWheelTest, FiresInOrderOfTheirTicksThenOfAdding) {
  TimerWheel wheel(start);
  NumberedTimer late(1);
  NumberedTimer early(2);
  NumberedTimer also_early(3);
  wheel.add(late, start + 900ms);
  wheel.add(early, start + 100ms);
  wheel.add(also_early, start + 100ms);

  EXPECT_EQ(pop_all(wheel, start + 2s), (std::vector{2, 3, 1}));
}

TEST(TimerWheelTest, KeepsTheOrderOfAddingEvenWhenAddedFromNearAndFar) {
  TimerWheel wheel(start);
  NumberedTimer from_far(1);
  NumberedTimer from_near(2);
  Instant due = start + 10s;
  wheel.add(from_far, due);
  EXPECT_EQ(wheel.pop_due(due - 2 * tick), nullptr);
  wheel.add(from_near, due);

  EXPECT_EQ(pop_all(wheel, due + tick), (std::vector{1, 2}));
}

TEST(TimerWheelTest, ADueTimeInThePastFiresAtOnce) {
  TimerWheel wheel(start);
  EXPECT_EQ(wheel.pop_due(start + 1s), nullptr);
  NumberedTimer timer(1);
  wheel.add(timer, start);

  EXPECT_LE(*wheel.next_due(), start + 1s);
  EXPECT_EQ(pop_all(wheel, start + 1s), std::vector{1});
}

TEST(TimerWheelTest, ARemovedTimerNeverFires) {
  TimerWheel wheel(start);
  NumberedTimer timer(1);
  wheel.add(timer, start + 1s);
  TimerWheel::remove(timer);
  TimerWheel::remove(timer);

  EXPECT_EQ(wheel.next_due(), std::nullopt);
  EXPECT_EQ(pop_all(wheel, start + 2s), std::vector<int>{});
}

TEST(TimerWheelTest, ATimerThatDiesLeavesTheWheel) {
  TimerWheel wheel(start);
  {
    NumberedTimer short_lived(1);
    wheel.add(short_lived, start + 1s);
  }

  EXPECT_EQ(pop_all(wheel, start + 2s), std::vector<int>{});
}

TEST(TimerWheelTest, ReachesFurtherThanItsCoarsestSlot) {
  TimerWheel wheel(start);
  NumberedTimer in_ten_years(1);
  NumberedTimer at_the_end_of_time(2);
  Duration ten_years = std::chrono::hours(24 * 3650);
  wheel.add(in_ten_years, start + ten_years);
  wheel.add(at_the_end_of_time, {Duration::max() - 1ns});

  EXPECT_EQ(pop_all(wheel, start + ten_years - 1ns), std::vector<int>{});
  EXPECT_EQ(pop_all(wheel, start + ten_years + tick), std::vector{1});
}

/// The wheel's promises against a plain multimap. One run is one random history.
class History {
 public:
  explicit History(std::uint64_t seed) : rng_(seed), wheel_(start) {}

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) step();
    advance_to(now_ + std::chrono::hours(24 * 1000));
    EXPECT_TRUE(expected_.empty());
    EXPECT_EQ(wheel_.next_due(), std::nullopt);
  }

 private:
  void step() {
    switch (rng_.below(8)) {
      case 0:
      case 1:
      case 2:
      case 3:
        add();
        break;
      case 4:
        remove();
        break;
      case 5:
        jump_to_next();
        break;
      default:
        advance_to(now_ + any_span());
        break;
    }
  }

  /// From nanoseconds to months, every magnitude as likely.
  Duration any_span() {
    std::uint64_t bits = rng_.below(53);
    return Duration(static_cast<std::int64_t>(rng_.below(std::uint64_t{1} << bits)));
  }

  void add() {
    Instant due = now_ + any_span();
    if (rng_.below(16) == 0) due = now_ - any_span() % 1s;
    auto timer = std::make_unique<NumberedTimer>(next_number_++, now_);
    wheel_.add(*timer, due);
    EXPECT_LE(*wheel_.next_due(), std::max(now_, due) + tick);
    expected_.emplace(due, std::move(timer));
  }

  void remove() {
    if (expected_.empty()) return;
    auto victim =
        std::next(expected_.begin(), static_cast<std::ptrdiff_t>(rng_.below(expected_.size())));
    TimerWheel::remove(*victim->second);
    expected_.erase(victim);
  }

  void jump_to_next() {
    std::optional<Instant> next = wheel_.next_due();
    EXPECT_EQ(next.has_value(), !expected_.empty());
    if (!next) return;
    // Never later than the first due time, to a tick.
    EXPECT_LE(*next, std::max(now_, expected_.begin()->first) + tick);
    advance_to(std::max(now_, *next));
  }

  void advance_to(Instant now) {
    now_ = now;
    Instant previous_due{Duration::min()};
    while (Timer* popped = wheel_.pop_due(now_)) {
      auto* timer = static_cast<NumberedTimer*>(popped);
      Instant earliest = std::max(timer->due(), timer->added);
      EXPECT_LE(earliest, now_);                 // never early
      EXPECT_GE(earliest + tick, previous_due);  // in order, to a tick
      previous_due = earliest;
      std::size_t erased =
          std::erase_if(expected_, [&](const auto& entry) { return entry.second.get() == timer; });
      EXPECT_EQ(erased, 1U);
    }
    if (!expected_.empty()) EXPECT_GT(expected_.begin()->first + tick, now_);  // none forgotten
  }

  Rng rng_;
  TimerWheel wheel_;
  Instant now_ = start;
  std::multimap<Instant, std::unique_ptr<NumberedTimer>> expected_;
  int next_number_ = 0;
};

class TimerWheelHistory : public testing::TestWithParam<std::uint64_t> {};

TEST_P(TimerWheelHistory, AgreesWithASortedList) {
  History history(GetParam());

  history.run(1500);
}

INSTANTIATE_TEST_SUITE_P(Seeds, TimerWheelHistory, testing::Range<std::uint64_t>(1, 41));

}  // namespace
}  // namespace gg
