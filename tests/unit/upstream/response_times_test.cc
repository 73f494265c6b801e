// SPDX-License-Identifier: Apache-2.0
#include "upstream/response_times.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace gg {
namespace {

constexpr Instant start{1000s};

TEST(ResponseTimes, SayNothingBeforeThereAreEnoughSamples) {
  ResponseTimes times;

  for (int i = 0; i < 19; ++i) times.observe(10ms, start);

  EXPECT_EQ(times.percentile(99, start), Duration::zero());
}

TEST(ResponseTimes, ArePercentilesAtMostAFifthAboveTheTruth) {
  ResponseTimes times;
  for (int i = 1; i <= 1000; ++i) times.observe(1ms * i, start);

  Duration p50 = times.percentile(50, start);
  Duration p99 = times.percentile(99, start);

  EXPECT_GE(p50, 500ms);
  EXPECT_LE(p50, 600ms);
  EXPECT_GE(p99, 990ms);
  EXPECT_LE(p99, 1190ms);
}

TEST(ResponseTimes, KnowMicrosecondsAndMinutes) {
  ResponseTimes times;
  for (int i = 0; i < 20; ++i) times.observe(1us, start);
  EXPECT_LE(times.percentile(99, start), 8us);

  ResponseTimes slow;
  for (int i = 0; i < 20; ++i) slow.observe(10min, start);
  EXPECT_GE(slow.percentile(99, start), 10min);
  EXPECT_LE(slow.percentile(99, start), 12min);
}

TEST(ResponseTimes, ForgetWhatIsOlderThanTwoWindows) {
  ResponseTimes times;
  for (int i = 0; i < 100; ++i) times.observe(1s, start);

  for (int i = 0; i < 100; ++i) times.observe(1ms, start + 2 * ResponseTimes::window);

  EXPECT_LE(times.percentile(99, start + 2 * ResponseTimes::window), 2ms);
}

TEST(ResponseTimes, StillCountTheWindowBefore) {
  ResponseTimes times;
  for (int i = 0; i < 100; ++i) times.observe(1s, start);

  times.observe(1ms, start + ResponseTimes::window);

  EXPECT_GE(times.percentile(99, start + ResponseTimes::window), 1s);
}

TEST(ResponseTimes, NeverUnderstateAPercentile) {
  Rng rng(5);
  ResponseTimes times;
  std::vector<Duration> samples;
  for (int i = 0; i < 5000; ++i) {
    Duration sample{static_cast<Duration::rep>(10'000 + rng.below(1'000'000'000))};
    samples.push_back(sample);
    times.observe(sample, start);
  }
  std::ranges::sort(samples);

  EXPECT_GE(times.percentile(90, start), samples[4499]);
  EXPECT_LE(times.percentile(90, start), samples[4499] * 5 / 4);
}

}  // namespace
}  // namespace gg
