// SPDX-License-Identifier: Apache-2.0
#include "proxy/hedge.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(HedgeRule, IsReadFromTheConfiguration) {
  HedgeRule by_default = HedgeRule::of({});
  EXPECT_TRUE(by_default.enabled);
  EXPECT_EQ(by_default.percent, 99U);
  EXPECT_EQ(by_default.at_least, 20ms);

  EXPECT_EQ(HedgeRule::of({.after = "p75"}).percent, 75U);
  EXPECT_FALSE(HedgeRule::of({.after = "off"}).enabled);
  HedgeRule fixed = HedgeRule::of({.after = "300ms"});
  EXPECT_EQ(fixed.percent, 0U);
  EXPECT_EQ(fixed.fixed, 300ms);
}

struct HedgeCase {
  std::string_view name;
  HedgeRule rule;
  Duration usual;
  Duration delay;
};

class HedgeDelay : public testing::TestWithParam<HedgeCase> {};

TEST_P(HedgeDelay, IsAsTheRuleSays) {
  EXPECT_EQ(hedge_delay(GetParam().rule, GetParam().usual), GetParam().delay);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, HedgeDelay,
    testing::Values(HedgeCase{"off", {.enabled = false}, 50ms, 0ms},
                    HedgeCase{"usual", {}, 50ms, 50ms}, HedgeCase{"at_least", {}, 1ms, 20ms},
                    HedgeCase{"unknown", {}, 0ms, 250ms},
                    HedgeCase{"unknown_but_more", {.at_least = 1s}, 0ms, 1s},
                    HedgeCase{"fixed", {.percent = 0, .fixed = 5ms}, 50ms, 5ms}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(RaceDelay, IsThreeTimesTheUsualButNeitherTinyNorMoreThanSet) {
  EXPECT_EQ(race_delay(250ms, 0ms), 250ms);
  EXPECT_EQ(race_delay(250ms, 1ms), 25ms);
  EXPECT_EQ(race_delay(250ms, 40ms), 120ms);
  EXPECT_EQ(race_delay(250ms, 200ms), 250ms);
  EXPECT_EQ(race_delay(10ms, 40ms), 10ms);
}

}  // namespace
}  // namespace gg
