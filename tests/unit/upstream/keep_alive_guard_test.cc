// SPDX-License-Identifier: Apache-2.0
#include "upstream/keep_alive_guard.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

using Need = ConnectionNeed;
using Verdict = KeepAliveGuard::Verdict;

class GuardTest : public testing::Test {
 protected:
  void pass(Duration time) { now_ = now_ + time; }
  Verdict judge(Need need, Duration age, std::uint32_t requests = 1) {
    return guard_.judge(need, {.age = age, .requests = requests}, now_);
  }
  void reuse(Duration age, int times = 1, std::uint32_t requests = 2) {
    for (int i = 0; i < times; ++i) guard_.observe_reuse(age, requests, now_);
  }
  void race(Duration age = 10ms) { guard_.observe_race(age, 2, now_); }
  void close(Duration age) { guard_.observe_close({.age = age, .requests = 1}, now_); }
  void alive(Duration age) { guard_.observe_alive(age); }
  void lend() { guard_.observe_lent(now_); }
  Duration usable() const { return guard_.usable_for(); }

  KeepAliveGuard guard_;
  Instant now_{1h};
};

// How long.

TEST(UsablePart, LeavesAQuarterWithinBounds) {
  EXPECT_EQ(usable_part_of(60s), 59s);
  EXPECT_EQ(usable_part_of(5s), 4s);
  EXPECT_EQ(usable_part_of(2s), 1500ms);
  EXPECT_EQ(usable_part_of(1s), 750ms);
  EXPECT_EQ(usable_part_of(200ms), 100ms);
  EXPECT_EQ(usable_part_of(50ms), 25ms);
  EXPECT_EQ(usable_part_of(0s), 0s);
  EXPECT_EQ(usable_part_of(Duration::max()), Duration::max());
}

TEST_F(GuardTest, AnEndpointThatNobodyKnowsIsTrustedWithWhatCanBeSentAgain) {
  EXPECT_EQ(judge(Need::any, 1ms), Verdict::lend);
  EXPECT_EQ(judge(Need::any, 1h), Verdict::lend);
  EXPECT_EQ(judge(Need::proven, 0ms), Verdict::unproven);
}

TEST_F(GuardTest, AnAnnouncedTimeoutIsKeptWithAMargin) {
  KeepAliveGuard::Idle idle{.age = 3999ms, .requests = 1, .announced = 5s};
  EXPECT_EQ(guard_.judge(Need::any, idle, now_), Verdict::lend);

  idle.age = 4s;
  EXPECT_EQ(guard_.judge(Need::any, idle, now_), Verdict::too_old);

  idle = {.age = 0s, .requests = 1, .announced = 0s};
  EXPECT_EQ(guard_.judge(Need::any, idle, now_), Verdict::too_old);
}

TEST_F(GuardTest, TwoClosesAtTheSameAgeAreATimeout) {
  close(5s);
  EXPECT_EQ(usable(), Duration::max());
  pass(1s);
  close(5100ms);

  EXPECT_EQ(usable(), 4s);
  EXPECT_EQ(judge(Need::any, 3999ms), Verdict::lend);
  EXPECT_EQ(judge(Need::any, 4s), Verdict::too_old);
}

TEST_F(GuardTest, ARaceTellsTheTimeoutAsACloseDoes) {
  close(5s);
  pass(20s);
  race(4900ms);

  EXPECT_EQ(usable(), 3900ms);
}

TEST_F(GuardTest, ClosesAtTheSameMomentHaveAnotherCause) {
  for (int i = 0; i < 20; ++i) close(5s);
  pass(999ms);
  close(5s);

  EXPECT_EQ(usable(), Duration::max());
}

TEST_F(GuardTest, ClosesAtDifferentAgesAreNoTimeout) {
  for (Duration age : {Duration(5s), Duration(3s), Duration(7s), Duration(5s)}) {
    close(age);
    pass(10s);
  }

  EXPECT_EQ(usable(), Duration::max());
}

TEST_F(GuardTest, ConnectionsClosedAtOnceWereNotIdleTooLong) {
  for (int i = 0; i < 5; ++i) {
    close(99ms);
    pass(2s);
  }

  EXPECT_EQ(usable(), Duration::max());
}

TEST_F(GuardTest, TheShortestOfManyAlikeCounts) {
  for (Duration age : {Duration(5s), Duration(5200ms), Duration(4900ms), Duration(5100ms)}) {
    close(age);
    pass(10s);
  }

  EXPECT_EQ(usable(), 3900ms);
}

TEST_F(GuardTest, AShorterTimeoutIsLearntLikeTheFirst) {
  for (Duration age : {Duration(20s), Duration(20s), Duration(2s)}) {
    close(age);
    pass(10s);
  }
  EXPECT_EQ(usable(), 19s);

  close(2s);
  EXPECT_EQ(usable(), 1500ms);
}

TEST_F(GuardTest, AConnectionThatOutlivesTheTimeoutRefutesIt) {
  close(2s);
  pass(10s);
  close(2s);
  alive(2500ms);
  EXPECT_EQ(usable(), 1500ms);

  alive(2501ms);
  EXPECT_EQ(usable(), Duration::max());
}

TEST_F(GuardTest, ALongerTimeoutIsLearntAnew) {
  close(2s);
  pass(10s);
  close(2s);
  pass(10s);
  close(30s);
  EXPECT_EQ(usable(), Duration::max());

  pass(10s);
  close(30s);
  EXPECT_EQ(usable(), 29s);
}

// What must not be sent twice.

TEST_F(GuardTest, ThreeReusesProveWhatWasIdleNoLonger) {
  reuse(10s, 2);
  EXPECT_EQ(judge(Need::proven, 5s), Verdict::unproven);

  reuse(8s);
  EXPECT_EQ(judge(Need::proven, 8s), Verdict::lend);
  EXPECT_EQ(judge(Need::proven, 8s + 1ns), Verdict::unproven);
}

TEST_F(GuardTest, TheThreeLongestCountWhateverTheirOrder) {
  for (int seconds : {5, 40, 1, 30, 20, 2}) reuse(seconds * Duration(1s));

  EXPECT_EQ(judge(Need::proven, 20s), Verdict::lend);
  EXPECT_EQ(judge(Need::proven, 21s), Verdict::unproven);
}

TEST_F(GuardTest, IdleTimesThatNoEndpointWouldEndAreAllAlike) {
  reuse(0ms, 3);

  EXPECT_EQ(judge(Need::proven, 50ms), Verdict::lend);
  EXPECT_EQ(judge(Need::proven, 51ms), Verdict::unproven);
}

TEST_F(GuardTest, ProofLastsForOneToTwoMinutes) {
  reuse(1s, 3);

  pass(1min);
  EXPECT_EQ(judge(Need::proven, 1s), Verdict::lend);
  pass(1min);
  EXPECT_EQ(judge(Need::proven, 1s), Verdict::unproven);
}

TEST_F(GuardTest, ReusesOfTwoMinutesAreNotAddedUp) {
  reuse(1s, 2);
  pass(1min);
  reuse(1s, 2);

  EXPECT_EQ(judge(Need::proven, 1s), Verdict::unproven);
}

TEST_F(GuardTest, WhatRodeOnProofRenewsIt) {
  reuse(1s, 3);
  for (int minute = 0; minute < 10; ++minute) {
    pass(1min);
    ASSERT_EQ(judge(Need::proven, 1s), Verdict::lend);
    reuse(1s, 3);
  }
}

TEST_F(GuardTest, AConnectionThatServedMoreThanAnyOtherIsNotProven) {
  reuse(10ms, 3, 5);

  EXPECT_EQ(judge(Need::proven, 1ms, 4), Verdict::lend);
  EXPECT_EQ(judge(Need::proven, 1ms, 5), Verdict::unproven);
  EXPECT_EQ(judge(Need::any, 1ms, 5), Verdict::lend);
}

TEST_F(GuardTest, WhereConnectionsServeDozensTheirNumberIsNoReason) {
  reuse(10ms, 3, 31);
  EXPECT_EQ(judge(Need::proven, 1ms, 31), Verdict::unproven);

  reuse(10ms, 1, 32);
  EXPECT_EQ(judge(Need::proven, 1ms, 100'000), Verdict::lend);
}

TEST_F(GuardTest, WhereOneWasClosedBehindItsLastAnswerNoneGetsSoFar) {
  guard_.observe_close({.age = 1ms, .requests = 50}, now_);
  guard_.observe_race(1ms, 101, now_);
  pass(1min);
  reuse(10ms, 3, 40);
  EXPECT_EQ(judge(Need::proven, 1ms, 49), Verdict::lend);
  EXPECT_EQ(judge(Need::proven, 1ms, 50), Verdict::unproven);

  reuse(10ms, 1, 51);
  EXPECT_EQ(judge(Need::proven, 1ms, 50), Verdict::lend);
}

TEST_F(GuardTest, AnOldConnectionIsTooOldHoweverProven) {
  reuse(10s, 3);
  close(12s);
  pass(5s);
  close(12s);
  pass(2min);
  reuse(12s, 3);

  EXPECT_EQ(judge(Need::proven, 10s), Verdict::lend);
  EXPECT_EQ(judge(Need::proven, 11s), Verdict::too_old);
}

TEST_F(GuardTest, ARaceEndsProofForAMinute) {
  reuse(10ms, 9);
  race();
  reuse(10ms, 9);
  EXPECT_EQ(judge(Need::proven, 1ms), Verdict::unproven);

  pass(59s);
  reuse(10ms, 9);
  EXPECT_EQ(judge(Need::proven, 1ms), Verdict::unproven);
  pass(1s);
  EXPECT_EQ(judge(Need::proven, 1ms), Verdict::lend);
}

TEST_F(GuardTest, ARaceTakesAwayEarlierProof) {
  reuse(10ms, 9);
  race();
  pass(1min);

  EXPECT_EQ(judge(Need::proven, 1ms), Verdict::unproven);
}

TEST_F(GuardTest, WhatAnotherWorkerHasMetEndsProofAsWell) {
  reuse(10ms, 3);
  guard_.hear_of_doubt(now_ + 1min);
  EXPECT_EQ(judge(Need::proven, 1ms), Verdict::unproven);
  EXPECT_EQ(judge(Need::any, 1ms), Verdict::lend);

  pass(1min);
  EXPECT_EQ(judge(Need::proven, 1ms), Verdict::unproven);
  reuse(10ms, 3);
  guard_.hear_of_doubt(now_);  // old news
  EXPECT_EQ(judge(Need::proven, 1ms), Verdict::lend);
}

TEST_F(GuardTest, ACloseThatNobodyExpectedEndsProofToo) {
  reuse(10s, 9);
  close(1s);

  EXPECT_EQ(judge(Need::proven, 1ms), Verdict::unproven);
}

TEST_F(GuardTest, ACloseAtTheKnownTimeoutIsExpected) {
  close(5s);
  pass(10s);
  close(5s);
  pass(2min);
  reuse(10ms, 3);

  close(4s);
  close(5s);
  EXPECT_EQ(judge(Need::proven, 10ms), Verdict::lend);

  close(3900ms);
  EXPECT_EQ(judge(Need::proven, 10ms), Verdict::unproven);
}

// Where hardly any reuse works.

TEST_F(GuardTest, ARaceAmongManyReusesIsNoReasonToAvoidThem) {
  reuse(10ms, 8);
  race();
  race();
  race();

  EXPECT_EQ(judge(Need::any, 1ms), Verdict::lend);
}

TEST_F(GuardTest, WhereHalfOfTheReusesFailTheyAreAvoidedForASecond) {
  race();
  EXPECT_EQ(judge(Need::any, 1ms), Verdict::avoided);

  pass(999ms);
  EXPECT_EQ(judge(Need::any, 1ms), Verdict::avoided);
  pass(1ms);
  EXPECT_EQ(judge(Need::any, 1ms), Verdict::lend);
}

TEST_F(GuardTest, AfterAnAvoidanceOneTries) {
  race();
  pass(1s);
  lend();

  EXPECT_EQ(judge(Need::any, 1ms), Verdict::avoided);
  reuse(1ms);
  EXPECT_EQ(judge(Need::any, 1ms), Verdict::lend);
}

TEST_F(GuardTest, ATryThatFailsDoublesTheAvoidanceUpToAMinute) {
  race();
  Duration waits[] = {2s, 4s, 8s, 16s, 32s, 1min, 1min};
  pass(1s);
  for (Duration wait : waits) {
    lend();
    race();
    pass(wait - 1ms);
    ASSERT_EQ(judge(Need::any, 1ms), Verdict::avoided);
    pass(1ms);
    ASSERT_EQ(judge(Need::any, 1ms), Verdict::lend);
  }
}

TEST_F(GuardTest, RacesThatWereUnderWayTogetherCountOnce) {
  for (int i = 0; i < 30; ++i) race();

  pass(1s);
  EXPECT_EQ(judge(Need::any, 1ms), Verdict::lend);
}

// What was announced on a connection.

TEST(AnnouncedTermsTest, ACountThatFallsIsWhatIsLeft) {
  AnnouncedTerms terms;
  EXPECT_FALSE(terms.has_any());

  terms.observe({.timeout = 5s, .max = 2}, 1);
  EXPECT_TRUE(terms.has_any());
  EXPECT_EQ(terms.timeout(), 5s);
  EXPECT_FALSE(terms.is_used_up(1));
  terms.observe({.timeout = 5s, .max = 1}, 2);
  EXPECT_FALSE(terms.is_used_up(2));
  terms.observe({.timeout = 5s, .max = 0}, 3);
  EXPECT_TRUE(terms.is_used_up(3));
}

TEST(AnnouncedTermsTest, ACountThatStaysIsTheTotal) {
  AnnouncedTerms terms;
  terms.observe({.timeout = {}, .max = 3}, 1);
  EXPECT_FALSE(terms.is_used_up(1));
  terms.observe({.timeout = {}, .max = 3}, 2);
  EXPECT_FALSE(terms.is_used_up(2));
  terms.observe({.timeout = {}, .max = 3}, 3);
  EXPECT_TRUE(terms.is_used_up(3));
}

TEST(AnnouncedTermsTest, WhoAnnouncesNothingLimitsNothing) {
  AnnouncedTerms terms;
  terms.observe({.timeout = 5s, .max = 1}, 1);

  terms.observe({}, 2);

  EXPECT_EQ(terms.timeout(), Duration::max());
  EXPECT_FALSE(terms.is_used_up(1'000'000));
  EXPECT_FALSE(terms.has_any());
}

TEST(AnnouncedTermsTest, AnEndlessCountIsNone) {
  AnnouncedTerms terms;
  terms.observe({.timeout = {}, .max = UINT32_MAX - 1}, 7);

  EXPECT_FALSE(terms.is_used_up(4'000'000'000));
}

}  // namespace
}  // namespace gg
