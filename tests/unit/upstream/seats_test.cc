// SPDX-License-Identifier: Apache-2.0
#include "upstream/members/seats.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(Seats, ComeAfterThoseThatTheConfigurationTakes) {
  Seats seats(2, 10);

  EXPECT_EQ(seats.take("a")->seat, 2U);
  EXPECT_EQ(seats.take("b")->seat, 3U);
  EXPECT_EQ(seats.find("b"), 3U);
  EXPECT_FALSE(seats.find("c"));
}

TEST(Seats, OneThatIsBeingLeftIsNotGivenAway) {
  Seats seats(0, 10);
  seats.take("a");
  seats.leave(0);

  EXPECT_EQ(seats.take("b")->seat, 1U);
  EXPECT_FALSE(seats.find("a"));
  EXPECT_EQ(seats.leaving(), std::vector<std::size_t>{0});
}

TEST(Seats, OneThatNobodyUsesAnyMoreIsTheFirstToBeGivenAway) {
  Seats seats(0, 10);
  seats.take("a");
  seats.take("b");
  seats.leave(0);

  EXPECT_TRUE(seats.release(0, seats.turn(0)));
  EXPECT_EQ(seats.take("c")->seat, 0U);
  EXPECT_EQ(seats.size(), 2U);
}

TEST(Seats, WhoComesBackBeforeItsSeatIsGivenAwayHasItAgain) {
  Seats seats(0, 10);
  seats.take("a");
  seats.take("b");
  seats.leave(1);

  Seats::Taken taken = *seats.take("b");

  EXPECT_EQ(taken.seat, 1U);
  EXPECT_TRUE(taken.is_return);
  EXPECT_FALSE(seats.take("c")->is_return);
}

TEST(Seats, AnAnswerToAQuestionFromBeforeSomebodyCameBackFreesNothing) {
  Seats seats(0, 10);
  seats.take("a");
  seats.leave(0);
  std::uint32_t asked = seats.turn(0);
  seats.take("a");

  EXPECT_FALSE(seats.release(0, asked));
  seats.leave(0);
  EXPECT_FALSE(seats.release(0, asked));
  EXPECT_TRUE(seats.release(0, seats.turn(0)));
  EXPECT_FALSE(seats.release(0, seats.turn(0)));
}

TEST(Seats, WhereAllAreTakenOrBeingLeftThereIsNone) {
  Seats seats(1, 3);
  seats.take("a");
  seats.take("b");
  seats.leave(1);

  EXPECT_FALSE(seats.take("c"));

  seats.release(1, seats.turn(1));
  EXPECT_EQ(seats.take("c")->seat, 1U);
}

}  // namespace
}  // namespace gg
