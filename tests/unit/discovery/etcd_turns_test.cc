// SPDX-License-Identifier: Apache-2.0
#include "discovery/etcd_turns.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(EtcdTurns, TheNextServerIsAskedAtOnceUntilAllHaveFailed) {
  EtcdTurns turns(2);

  EXPECT_EQ(turns.server(), 0U);
  EXPECT_EQ(turns.failed(1), Duration::zero());
  EXPECT_FALSE(turns.all_have_failed());
  EXPECT_EQ(turns.server(), 1U);
  EXPECT_EQ(turns.failed(1), 250ms);
  EXPECT_TRUE(turns.all_have_failed());
  EXPECT_EQ(turns.server(), 0U);
}

TEST(EtcdTurns, ThenTheWaitsGrowToAFewSeconds) {
  EtcdTurns turns(1);

  for (Duration expected : {250ms, 500ms, 1000ms, 2000ms, 4000ms, 5000ms, 5000ms}) {
    EXPECT_EQ(turns.failed(1), expected);
  }
  EXPECT_EQ(turns.failed(0), 2500ms);
}

TEST(EtcdTurns, AnAnswerMakesAllWellAgain) {
  EtcdTurns turns(1);
  turns.failed(1);
  turns.failed(1);

  turns.answered();

  EXPECT_FALSE(turns.all_have_failed());
  EXPECT_EQ(turns.failed(1), 250ms);
}

TEST(EtcdTurns, WhoAnswersNoMoreGivesPlaceToTheNextAndWhoEndsInOrderDoesNot) {
  EtcdTurns turns(3);

  EXPECT_EQ(EtcdTurns::ended(1), 100ms);
  EXPECT_EQ(turns.server(), 0U);
  EXPECT_EQ(turns.lost(0), 50ms);
  EXPECT_EQ(turns.server(), 1U);
  EXPECT_FALSE(turns.all_have_failed());
}

}  // namespace
}  // namespace gg
