// SPDX-License-Identifier: Apache-2.0
#include "upstream/health/outcome_window.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr Instant start{Duration(1h)};

TEST(OutcomeWindow, CountsAttemptsAndThoseThatWentBadly) {
  OutcomeWindow window;
  for (int i = 0; i < 7; ++i) window.note_answer(1ms, true, start);
  window.note_answer(1ms, false, start);
  window.note_fault(false, start);

  OutcomeWindow::Totals totals = window.totals(start);

  EXPECT_EQ(totals.attempts, 9U);
  EXPECT_EQ(totals.bad, 2U);
  EXPECT_EQ(totals.timed, 8U);
}

TEST(OutcomeWindow, AnAnswerThatBreaksOffIsOneAttempt) {
  OutcomeWindow window;
  window.note_answer(1ms, true, start);
  window.note_fault(true, start);

  EXPECT_EQ(window.totals(start).attempts, 1U);
  EXPECT_EQ(window.totals(start).bad, 1U);
}

TEST(OutcomeWindow, ForgetsWhatIsMoreThanTenSecondsOld) {
  OutcomeWindow window;
  window.note_answer(1ms, true, start);

  EXPECT_EQ(window.totals(start + 4s).attempts, 1U);
  EXPECT_EQ(window.totals(start + 9s).attempts, 1U);
  EXPECT_EQ(window.totals(start + 15s).attempts, 0U);
}

TEST(OutcomeWindow, ForgetsAllOfItAfterAPause) {
  OutcomeWindow window;
  window.note_answer(1ms, true, start);

  EXPECT_EQ(window.totals(start + 1h).attempts, 0U);
}

TEST(OutcomeWindow, AQuantileIsRoundedUpByAtMostAHalf) {
  for (Duration time : {Duration(100us), Duration(3ms), Duration(40ms), Duration(700ms)}) {
    OutcomeWindow window;
    window.note_answer(time, true, start);

    EXPECT_GE(window.quantile(0.5, start), time);
    EXPECT_LE(window.quantile(0.5, start), time * 3 / 2 + 16us);
  }
}

TEST(OutcomeWindow, QuantilesTellTheUsualFromTheRare) {
  OutcomeWindow window;
  for (int i = 0; i < 96; ++i) window.note_answer(1ms, true, start);
  for (int i = 0; i < 4; ++i) window.note_answer(500ms, true, start);

  EXPECT_LT(window.quantile(0.5, start), 2ms);
  EXPECT_LT(window.quantile(0.95, start), 2ms);
  EXPECT_GE(window.quantile(0.97, start), 500ms);
}

TEST(OutcomeWindow, TimesBeyondTheScaleAreKeptAtItsEnds) {
  OutcomeWindow window;
  window.note_answer(Duration::zero(), true, start);
  EXPECT_LE(window.quantile(1, start), 20us);

  window.note_answer(10h, true, start);
  EXPECT_GE(window.quantile(1, start), 1min);
}

TEST(OutcomeWindow, WithoutAnswersThereIsNoQuantile) {
  OutcomeWindow window;
  window.note_fault(false, start);

  EXPECT_EQ(window.quantile(0.5, start), Duration::zero());
}

}  // namespace
}  // namespace gg
