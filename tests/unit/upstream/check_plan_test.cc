// SPDX-License-Identifier: Apache-2.0
#include "upstream/checks/check_plan.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr CheckRules by_connecting{};
constexpr CheckRules by_request{.by_request = true, .every = 2s};

TEST(CheckPlan, WithoutAPageOnlyOneThatIsOutIsChecked) {
  EXPECT_EQ(wait_for_check(by_connecting, {.standing = Standing::up}), std::nullopt);
  EXPECT_EQ(wait_for_check(by_connecting, {.standing = Standing::grey}), std::nullopt);
  EXPECT_EQ(wait_for_check(by_connecting, {.standing = Standing::recovering}), std::nullopt);
  EXPECT_EQ(wait_for_check(by_connecting, {.standing = Standing::out}), 200ms);
  EXPECT_EQ(wait_for_check(by_connecting, {.standing = Standing::probing}), 200ms);
}

TEST(CheckPlan, OneThatStaysOutIsCheckedLessOften) {
  EXPECT_EQ(wait_for_check(by_connecting, {.standing = Standing::out, .out_for = 10s}), 1s);
}

TEST(CheckPlan, WhileNobodyIsInEverybodyIsCheckedOften) {
  EXPECT_EQ(wait_for_check(by_connecting,
                           {.standing = Standing::out, .out_for = 1h, .nobody_is_in = true}),
            50ms);
  EXPECT_EQ(wait_for_check(by_request, {.standing = Standing::out, .nobody_is_in = true}), 50ms);
}

TEST(CheckPlan, WithAPageEverybodyIsCheckedAndFasterWhileSomethingChanges) {
  EXPECT_EQ(wait_for_check(by_request, {.standing = Standing::up}), 2s);
  EXPECT_EQ(wait_for_check(by_request, {.standing = Standing::up, .is_changing = true}), 500ms);
  EXPECT_EQ(wait_for_check(by_request, {.standing = Standing::out}), 500ms);
}

TEST(CheckPlan, AnIntervalThatIsShortAlreadyStaysAsItIs) {
  CheckRules often{.by_request = true, .every = 100ms};

  EXPECT_EQ(wait_for_check(often, {.standing = Standing::out}), 100ms);
}

TEST(CheckPlan, WhileNobodyIsInMostChecksAreShort) {
  EXPECT_EQ(patience_for_check(by_connecting, false, 0), 1s);
  EXPECT_EQ(patience_for_check(by_connecting, true, 0), 200ms);
  EXPECT_EQ(patience_for_check(by_connecting, true, 3), 1s);
}

TEST(CheckSeries, AVerdictNeedsEnoughInARow) {
  CheckSeries series;
  EXPECT_EQ(series.observe(false, by_request), std::nullopt);
  EXPECT_EQ(series.observe(false, by_request), std::nullopt);
  EXPECT_EQ(series.observe(true, by_request), std::nullopt);
  EXPECT_EQ(series.observe(false, by_request), std::nullopt);
  EXPECT_EQ(series.observe(false, by_request), std::nullopt);

  EXPECT_EQ(series.observe(false, by_request), false);
  EXPECT_EQ(series.in_a_row(), 3U);
  EXPECT_EQ(series.observe(false, by_request), false);
}

TEST(CheckSeries, TwoGoodOnesAreEnough) {
  CheckSeries series;
  EXPECT_EQ(series.observe(true, by_request), std::nullopt);
  EXPECT_TRUE(series.is_changing());
  EXPECT_EQ(series.observe(true, by_request), true);
  EXPECT_FALSE(series.is_changing());

  series.observe(false, by_request);
  EXPECT_TRUE(series.is_changing());
}

}  // namespace
}  // namespace gg
