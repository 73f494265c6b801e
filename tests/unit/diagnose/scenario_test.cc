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
    // The doctor uploads nothing.
    bool may_differ = scenario.gateway == Fault::none || scenario.is_upload;
    if (!may_differ) EXPECT_EQ(scenario.gateway, scenario.doctor) << scenario.name;
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

TEST(DrillScenarios, WhatIsSaidInHttp2IsMadeOfWholeFrames) {
  for (const DrillScenario& scenario : drill_scenarios()) {
    if (scenario.act != DrillAct::talk_http2) continue;
    // A request at the end is found only if everything before it is whole frames.
    std::string heard = words_of(scenario);
    for (std::size_t at = 0; at + 9 <= heard.size();
         at += 9 + static_cast<unsigned char>(heard[at + 2]))
      if (heard[at + 3] == 1) heard[at + 3] = 9;
    heard += std::string("\0\0\1\1\5\0\0\0\7\x82", 10);
    EXPECT_EQ(take_http2_request(heard), 7U) << scenario.name;
    EXPECT_TRUE(heard.empty());
  }
}

TEST(DrillScenarios, ARequestIsFoundWhenItIsWholeAndAnsweredOnItsStream) {
  std::string settings("\0\0\0\4\0\0\0\0\0", 9);
  std::string request("\0\0\2\1\5\0\0\0\3\x82\x84", 11);
  std::string heard = settings + request.substr(0, 10);
  EXPECT_EQ(take_http2_request(heard), 0U);
  heard += request.substr(10) + settings;
  EXPECT_EQ(take_http2_request(heard), 3U);
  EXPECT_EQ(take_http2_request(heard), 0U);
  EXPECT_TRUE(heard.empty());

  std::string answer = frames_of(*find_drill("http2-healthy"), 0x01020304);
  EXPECT_EQ(answer.substr(5, 4), "\x01\x02\x03\x04");
  EXPECT_EQ(frames_of(*find_drill("http2-goaway"), 3), words_of(*find_drill("http2-goaway")));
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
