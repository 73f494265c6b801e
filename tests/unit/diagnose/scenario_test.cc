// SPDX-License-Identifier: Apache-2.0
#include "diagnose/drill/scenario.h"

#include <gtest/gtest.h>

#include <set>

namespace gg {
namespace {

TEST(DrillScenarios, EachHasANameOfItsOwnThatCanBeFound) {
  std::set<std::string_view> names;
  for (const DrillScenario& scenario : drill_scenarios()) {
    EXPECT_TRUE(names.insert(scenario.name).second) << scenario.name;
    EXPECT_EQ(find_drill(scenario.name), &scenario);
  }
  EXPECT_EQ(find_drill("no-such-drill"), nullptr);
}

TEST(DrillScenarios, WhatEachDoesIsHalfASentence) {
  for (const DrillScenario& scenario : drill_scenarios()) {
    EXPECT_FALSE(scenario.does.empty()) << scenario.name;
    EXPECT_NE(scenario.does.back(), '.') << scenario.name;
    EXPECT_LE(scenario.does.size(), 100U) << scenario.name;
  }
}

TEST(DrillScenarios, WhatTheGatewayNamesTheDoctorNamesTheSame) {
  for (const DrillScenario& scenario : drill_scenarios()) {
    if (scenario.gateway != Fault::none) EXPECT_EQ(scenario.gateway, scenario.doctor);
  }
}

TEST(DrillScenarios, WhoeverWaitsSaysHowLong) {
  for (const DrillScenario& scenario : drill_scenarios()) {
    bool waits = scenario.act == DrillAct::answer_late || scenario.act == DrillAct::dribble ||
                 scenario.act == DrillAct::close_when_idle;
    if (waits) EXPECT_GT(scenario.after, Duration::zero()) << scenario.name;
  }
}

TEST(DrillScenarios, WordsAreTheBeginningTheRepeatedPartAndTheEnd) {
  DrillScenario scenario{.bytes = "a", .repeated = "bc", .times = 3, .last = "d"};

  EXPECT_EQ(words_of(scenario), "abcbcbcd");
}

TEST(DrillScenarios, ALargeHeadIsBeyondWhatTheGatewayTakesByDefault) {
  EXPECT_GT(words_of(*find_drill("head-too-large")).size(), 64U * 1024);
}

TEST(DrillScenarios, EveryStageHasATitle) {
  for (const DrillScenario& scenario : drill_scenarios()) {
    EXPECT_FALSE(title_of(scenario.stage).empty());
  }
}

}  // namespace
}  // namespace gg
