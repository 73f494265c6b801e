// SPDX-License-Identifier: Apache-2.0
#include "upstream/health/comparison.h"

#include <gtest/gtest.h>

#include <vector>

namespace gg {
namespace {

using All = std::vector<EndpointFigures>;

EndpointFigures figures(std::uint32_t attempts, std::uint32_t bad, Duration median = 10ms) {
  return {.attempts = attempts, .bad = bad, .timed = attempts, .median = median};
}

ComparisonVerdict first_of(const All& all) { return Comparison(all).verdict(0); }

TEST(Comparison, OneLikeTheOthersIsNotRemarked) {
  EXPECT_EQ(first_of({figures(100, 2), figures(100, 1), figures(100, 3)}).why, HealthReason::none);
}

TEST(Comparison, AFailureRateFarAboveTheOthersIsRemarkedWithItsFigures) {
  ComparisonVerdict verdict = first_of({figures(100, 30), figures(100, 1), figures(100, 1)});

  EXPECT_EQ(verdict.why, HealthReason::failure_rate);
  EXPECT_EQ(verdict.figures, (HealthFigures{30, 1}));
}

TEST(Comparison, WhenAllFailAlikeNobodyIsToBlame) {
  EXPECT_EQ(first_of({figures(100, 60), figures(100, 50), figures(100, 45)}).why,
            HealthReason::none);
}

TEST(Comparison, AHandfulOfAttemptsSaysNothing) {
  EXPECT_EQ(first_of({figures(9, 9), figures(100, 0)}).why, HealthReason::none);
  EXPECT_EQ(first_of({figures(10, 4), figures(100, 0)}).why, HealthReason::none);
  EXPECT_EQ(first_of({figures(10, 5), figures(100, 0)}).why, HealthReason::failure_rate);
}

TEST(Comparison, WithoutOthersThereIsNothingToCompareWith) {
  EXPECT_EQ(first_of({figures(100, 100, 1s)}).why, HealthReason::none);
  EXPECT_EQ(first_of({figures(100, 100, 1s), figures(5, 0)}).why, HealthReason::none);
}

TEST(Comparison, ManyTimesSlowerThanTheOthersIsRemarkedWithTheTimes) {
  ComparisonVerdict verdict =
      first_of({figures(50, 0, 500ms), figures(50, 0, 10ms), figures(50, 0, 12ms)});

  EXPECT_EQ(verdict.why, HealthReason::slow);
  EXPECT_EQ(verdict.figures, (HealthFigures{500'000, 10'000}));
}

TEST(Comparison, ALittleSlowerIsNot) {
  EXPECT_EQ(first_of({figures(50, 0, 40ms), figures(50, 0, 10ms)}).why, HealthReason::none);
}

TEST(Comparison, ManyTimesNothingIsStillNothing) {
  EXPECT_EQ(first_of({figures(50, 0, 5ms), figures(50, 0, 100us)}).why, HealthReason::none);
}

TEST(Comparison, OneThatIsOutIsNoMeasureForTheOthers) {
  All all = {figures(50, 0, 500ms), figures(50, 40, 10ms)};
  all[1].is_in = false;

  EXPECT_EQ(first_of(all).why, HealthReason::none);
}

TEST(Comparison, TheOthersTimeIsTheMiddleOfTheirMedians) {
  All all = {figures(50, 0, 1ms), figures(50, 0, 2ms), figures(50, 0, 3ms), figures(50, 0, 90ms)};

  EXPECT_EQ(Comparison(all).others_median(0), 3ms);
  EXPECT_EQ(Comparison(all).others_median(1), 3ms);
  EXPECT_EQ(Comparison(all).others_median(2), 2ms);
  EXPECT_EQ(Comparison(all).others_median(3), 2ms);
}

TEST(Comparison, OneFurtherAwayMayBeSlowerButOneNearerMayNot) {
  All all = {figures(50, 0, 10ms), figures(50, 0, 12ms), figures(50, 0, 500ms)};
  all[2].level = 1;
  EXPECT_EQ(Comparison(all).verdict(2).why, HealthReason::none);
  EXPECT_EQ(Comparison(all).others_median(2), Duration::zero());

  std::swap(all[0].median, all[2].median);
  all[1].level = 1;
  EXPECT_EQ(Comparison(all).verdict(0).why, HealthReason::slow);
}

TEST(Comparison, OneThatFailsFarMoreIsRemarkedWhereverItStands) {
  All all = {figures(100, 1), figures(100, 50)};
  all[1].level = 1;

  EXPECT_EQ(Comparison(all).verdict(1).why, HealthReason::failure_rate);
}

TEST(Comparison, HundredsOfEndpointsAreCompared) {
  All all(500, figures(50, 0, 10ms));
  all[499] = figures(50, 0, 1s);

  EXPECT_EQ(Comparison(all).verdict(499).why, HealthReason::slow);
  EXPECT_EQ(Comparison(all).verdict(0).why, HealthReason::none);
}

TEST(Comparison, SlowBeginsWellAboveTheOthers) {
  EXPECT_EQ(slow_from(Duration::zero()), Duration::zero());
  EXPECT_EQ(slow_from(10ms), 40ms);
}

}  // namespace
}  // namespace gg
