// SPDX-License-Identifier: Apache-2.0
#include "gate/restart_policy.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(RestartPolicy, OneThatHadWorkedIsReplacedAtOnceHoweverOften) {
  RestartPolicy policy;

  EXPECT_EQ(policy.after_death(2s), 0s);
  EXPECT_EQ(policy.after_death(2s), 0s);
  EXPECT_EQ(policy.after_death(2s), 0s);
}

TEST(RestartPolicy, DeathsInYouthBackOffFromTheSecondOn) {
  RestartPolicy policy;

  EXPECT_EQ(policy.after_death(0s), 0s);
  EXPECT_EQ(policy.after_death(0s), 100ms);
  EXPECT_EQ(policy.after_death(999ms), 200ms);
  EXPECT_EQ(policy.after_death(0s), 400ms);
  EXPECT_EQ(policy.young_deaths(), 4U);
}

TEST(RestartPolicy, TheDelayStaysAtFiveSeconds) {
  RestartPolicy policy;
  Duration delay{};

  for (int deaths = 0; deaths < 100; ++deaths) delay = policy.after_death(0s);

  EXPECT_EQ(delay, 5s);
}

TEST(RestartPolicy, HalfAMinuteOfWorkForgivesAndLessDoesNot) {
  RestartPolicy policy;
  policy.after_death(0s);
  policy.after_death(0s);

  EXPECT_EQ(policy.after_death(29s), 0s);
  EXPECT_EQ(policy.after_death(0s), 200ms);
  EXPECT_EQ(policy.after_death(30s), 0s);
  EXPECT_EQ(policy.after_death(0s), 0s);
}

}  // namespace
}  // namespace gg
