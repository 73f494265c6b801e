// SPDX-License-Identifier: Apache-2.0
#include "report/recent.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

class RecentTest : public testing::Test {
 protected:
  /// A second in which so much more was counted.
  void second(std::uint64_t requests, std::uint64_t errors = 0, Duration time = 1ms) {
    totals_.at = totals_.at + 1s;
    totals_.requests += requests;
    totals_.errors += errors;
    auto whole = static_cast<std::size_t>(Timing::total);
    totals_.timings[whole].counts[Histogram::bucket_of(time)] += requests;
    recent_.add(totals_);
  }
  const Percentiles& times(const RecentFigures& figures) {
    return figures.stages[static_cast<std::size_t>(Timing::total)];
  }

  TrafficTotals totals_;
  Recent recent_;
};

TEST_F(RecentTest, NothingIsKnownAtFirst) {
  EXPECT_EQ(recent_.figures().seconds, 0);
  second(5);
  EXPECT_EQ(recent_.figures().seconds, 0);
  EXPECT_TRUE(recent_.points().empty());
}

TEST_F(RecentTest, RatesAreOfTheLastTenSeconds) {
  second(1000, 1000);
  for (int i = 0; i < 10; ++i) second(20, 1);

  RecentFigures figures = recent_.figures();

  EXPECT_DOUBLE_EQ(figures.seconds, 10);
  EXPECT_DOUBLE_EQ(figures.requests, 20);
  EXPECT_DOUBLE_EQ(figures.errors, 1);
}

TEST_F(RecentTest, PercentilesAreUpperBoundsOfWhatCameSince) {
  second(1000, 0, 10s);
  for (int i = 0; i < 9; ++i) second(10, 0, 1ms);
  second(10, 0, 100ms);

  RecentFigures figures = recent_.figures();

  EXPECT_EQ(times(figures).count, 100U);
  EXPECT_GE(times(figures).half, 1ms);
  EXPECT_LE(times(figures).half, 1250us);
  EXPECT_GE(times(figures).most, 100ms);
  EXPECT_LE(times(figures).nearly_all, 125ms);
}

TEST_F(RecentTest, PointsAreOneSecondEachAndNotMoreThanFiveMinutes) {
  for (int i = 0; i <= 400; ++i) second(static_cast<std::uint64_t>(i));

  ASSERT_EQ(recent_.points().size(), Recent::points_most);
  EXPECT_DOUBLE_EQ(recent_.points().back().requests, 400);
  EXPECT_DOUBLE_EQ(recent_.points().front().requests, 101);
}

TEST_F(RecentTest, TheLongestTimesHaveTheBeginOfTheirBucket) {
  second(1);
  second(1, 0, 10min);

  EXPECT_GE(times(recent_.figures()).half, 2min);
}

}  // namespace
}  // namespace gg
