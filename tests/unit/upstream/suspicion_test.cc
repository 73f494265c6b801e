// SPDX-License-Identifier: Apache-2.0
#include "upstream/health/suspicion.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr Instant start{Duration(1h)};

TEST(HangLimit, NothingIsSuspectedBeforeTheUsualTimeIsKnown) {
  EXPECT_FALSE(HangLimit().is_hanging(100, 100, 1h));
}

TEST(HangLimit, SeveralRequestsFarBeyondTheUsualTimeAndSilenceAreAHang) {
  HangLimit limit;
  limit.set(HangLimit::from(100ms, 150ms));

  EXPECT_EQ(limit.value(), 400ms);
  EXPECT_TRUE(limit.is_hanging(3, 0, 400ms));
  EXPECT_FALSE(limit.is_hanging(2, 1, 10s));
  EXPECT_TRUE(limit.is_hanging(2, 2, 10s));
  EXPECT_FALSE(limit.is_hanging(3, 0, 399ms));
}

TEST(HangLimit, AShortPauseOfAFastEndpointIsNone) {
  EXPECT_EQ(HangLimit::from(1ms, 2ms), HangLimit::shortest);
}

TEST(HangLimit, RequestsThatAreLongByNatureAreExpected) {
  EXPECT_EQ(HangLimit::from(1ms, 30s), 60s);
}

TEST(RaceSeries, ABurstOfRacesIsForgiven) {
  RaceSeries races;
  bool counts = false;
  for (int i = 0; i < 64; ++i) counts = races.note_race(start + Duration(1ms) * i) || counts;

  EXPECT_FALSE(counts);
}

TEST(RaceSeries, RacesOverSomeTimeWithoutAnAnswerCount) {
  RaceSeries races;
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(races.note_race(start + 400ms * i));

  EXPECT_TRUE(races.note_race(start + 1200ms));
  EXPECT_TRUE(races.note_race(start + 1600ms));
}

TEST(RaceSeries, AnAnswerBetweenThemExcusesAllBefore) {
  RaceSeries races;
  for (int i = 0; i < 3; ++i) races.note_race(start + 400ms * i);
  races.note_answer();

  EXPECT_FALSE(races.note_race(start + 1200ms));
}

TEST(SilenceSeries, ManyRequestsAnsweredElsewhereFirstAreAHang) {
  SilenceSeries silence;
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(silence.note_lost(start + 100ms * i));

  EXPECT_TRUE(silence.note_lost(start + 400ms));
}

TEST(SilenceSeries, ABurstOrAnAnswerBetweenThemIsNone) {
  SilenceSeries silence;
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(silence.note_lost(start + 10ms * i));
  silence.note_answer();

  EXPECT_FALSE(silence.note_lost(start + 400ms));
}

TEST(CloseSeries, AnEndpointThatStopsKeepingConnectionsIsGoingAway) {
  CloseSeries closes;
  for (int i = 0; i < 8; ++i) closes.note_kept();

  for (int i = 0; i < 3; ++i) EXPECT_FALSE(closes.note_closed(start));
  EXPECT_TRUE(closes.note_closed(start + 900ms));
}

TEST(CloseSeries, OneThatNeverKeepsThemIsNot) {
  CloseSeries closes;
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(closes.note_closed(start));
}

TEST(CloseSeries, ConnectionsThatAreWornOutOneByOneAreNoSign) {
  CloseSeries closes;
  for (int i = 0; i < 50; ++i) {
    closes.note_kept();
    EXPECT_FALSE(closes.note_closed(start));
  }
}

TEST(CloseSeries, SlowlyOneAfterTheOtherIsNoBurst) {
  CloseSeries closes;
  for (int i = 0; i < 8; ++i) closes.note_kept();

  for (int i = 0; i < 20; ++i) EXPECT_FALSE(closes.note_closed(start + 2s * i));
}

TEST(Trickle, OneInAHundredAtMostAndOnceASecondAtMost) {
  Trickle trickle;
  trickle.note_use(1000, start);

  EXPECT_FALSE(trickle.is_due(5000, start + 999ms));
  EXPECT_FALSE(trickle.is_due(1099, start + 1s));
  EXPECT_TRUE(trickle.is_due(1100, start + 1s));
}

TEST(Trickle, WhereThereIsLittleTrafficTimeAloneDecides) {
  Trickle trickle;
  trickle.note_use(1000, start);

  EXPECT_FALSE(trickle.is_due(1003, start + 29s));
  EXPECT_TRUE(trickle.is_due(1003, start + 30s));
}

TEST(Trickle, SlowAnswersSpaceItOut) {
  Trickle trickle;
  for (int i = 0; i < 3; ++i) trickle.note_answer(true);
  trickle.note_use(1000, start);
  EXPECT_FALSE(trickle.is_due(9000, start + 7s));
  EXPECT_TRUE(trickle.is_due(9000, start + 8s));

  for (int i = 0; i < 30; ++i) trickle.note_answer(true);
  EXPECT_TRUE(trickle.is_due(9000, start + Trickle::longest_wait));
}

TEST(Trickle, AFastAnswerBringsItBackToASecond) {
  Trickle trickle;
  for (int i = 0; i < 3; ++i) trickle.note_answer(true);
  trickle.note_answer(false);
  trickle.note_use(1000, start);

  EXPECT_TRUE(trickle.is_due(9000, start + 1s));
}

TEST(Trickle, OneNeverUsedWaitsForTrafficToTellThatItIsLeftOut) {
  EXPECT_FALSE(Trickle().is_due(5, start));
  EXPECT_TRUE(Trickle().is_due(100, start));
}

}  // namespace
}  // namespace gg
