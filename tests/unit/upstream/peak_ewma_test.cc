// SPDX-License-Identifier: Apache-2.0
#include "upstream/balance/peak_ewma.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr Instant start{1h};

double milliseconds(Duration time) { return static_cast<double>(time.count()) / 1e6; }

TEST(PeakEwma, IsZeroUntilSomethingWasObserved) {
  PeakEwma time;

  EXPECT_FALSE(time.has_samples());
  EXPECT_EQ(time.value(start), Duration::zero());
}

TEST(PeakEwma, StartsWithTheFirstSample) {
  PeakEwma time;

  time.observe(20ms, start);

  EXPECT_EQ(time.value(start), 20ms);
}

TEST(PeakEwma, JumpsToAPeakAtOnce) {
  PeakEwma time;
  time.observe(20ms, start);

  time.observe(500ms, start + 1ms);

  EXPECT_EQ(time.value(start + 1ms), 500ms);
}

TEST(PeakEwma, ComesDownByTheTimeThatPassedNotByTheNumberOfSamples) {
  PeakEwma time;
  time.observe(500ms, start);
  for (int i = 0; i < 1000; ++i) time.observe(10ms, start);
  EXPECT_EQ(time.value(start), 500ms);

  for (int i = 1; i <= 25; ++i) time.observe(10ms, start + 400ms * i);

  EXPECT_NEAR(milliseconds(time.value(start + 10s)), 500 * 0.367879 + 10 * 0.632121, 0.01);
}

TEST(PeakEwma, BelievesAFewFastAnswersAfterPauses) {
  PeakEwma time;
  time.observe(400ms, start);

  time.observe(2ms, start + 1s);
  EXPECT_LT(time.value(start + 1s), 55ms);
  time.observe(2ms, start + 2s);
  EXPECT_LT(time.value(start + 2s), 10ms);
  time.observe(2ms, start + 3s);
  EXPECT_LT(time.value(start + 3s), 4ms);
}

TEST(PeakEwma, ForgivesDuringALull) {
  PeakEwma time;
  time.observe(500ms, start);

  EXPECT_NEAR(milliseconds(time.value(start + 10s)), 500 * 0.367879, 0.01);
  EXPECT_LT(time.value(start + 60s), 2ms);
}

TEST(PeakEwma, NeverLooksUnmeasuredAgain) {
  PeakEwma time;
  time.observe(500ms, start);

  EXPECT_EQ(time.value(start + 1000h), Duration{1});
}

TEST(PeakEwma, TakesAnOlderMomentAsTheSame) {
  PeakEwma time;
  time.observe(20ms, start);

  time.observe(10ms, start - 5s);

  EXPECT_EQ(time.value(start), 20ms);
  EXPECT_EQ(time.value(start - 5s), 20ms);
}

TEST(PeakEwma, TakesANegativeSampleAsZero) {
  PeakEwma time;

  time.observe(-5ms, start);

  EXPECT_EQ(time.value(start), Duration{1});
}

}  // namespace
}  // namespace gg
