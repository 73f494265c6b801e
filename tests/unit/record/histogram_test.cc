// SPDX-License-Identifier: Apache-2.0
#include "record/histogram.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(Histogram, EveryBucketBeginsWhereTheOneBeforeEnds) {
  for (std::size_t bucket = 0; bucket + 1 < Histogram::buckets; ++bucket) {
    const Duration bound = std::chrono::microseconds(Histogram::bound_of(bucket));
    EXPECT_EQ(Histogram::bucket_of(bound - 1ns), bucket);
    EXPECT_EQ(Histogram::bucket_of(bound), bucket + 1);
  }
}

TEST(Histogram, ABucketIsAtMostAQuarterWide) {
  for (std::size_t bucket = 1; bucket + 1 < Histogram::buckets; ++bucket) {
    const std::uint64_t lower = Histogram::bound_of(bucket - 1);
    EXPECT_LE(Histogram::bound_of(bucket) - lower, lower / 4);
  }
}

TEST(Histogram, HasAPlaceForEveryDuration) {
  EXPECT_EQ(Histogram::bucket_of(-1s), 0u);
  EXPECT_EQ(Histogram::bucket_of(0ns), 0u);
  EXPECT_EQ(Histogram::bucket_of(63us), 0u);
  EXPECT_EQ(Histogram::bucket_of(64us), 1u);
  EXPECT_EQ(Histogram::bucket_of(24h), Histogram::buckets - 1);
  EXPECT_EQ(Histogram::bucket_of(Duration::max()), Histogram::buckets - 1);
}

TEST(Histogram, AddsUpWhatItCounted) {
  Histogram histogram;
  histogram.add(1ms);
  histogram.add(1ms);
  histogram.add(-5s);

  EXPECT_EQ(histogram.count_in(Histogram::bucket_of(1ms)), 2u);
  EXPECT_EQ(histogram.count_in(0), 1u);
  EXPECT_EQ(histogram.sum_nanoseconds(), 2'000'000u);
}

}  // namespace
}  // namespace gg
