// SPDX-License-Identifier: Apache-2.0
#include "report/samples.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(Samples, WriteFamiliesLabelsAndValues) {
  std::string out;
  write_family(out, "a", "What it is.", "gauge");
  write_sample(out, {.metric = "a"}, std::int64_t{-3});
  write_sample(out, {.metric = "a", .labels = {{{"x", "q\"\\\n"}, {"y", ""}}}}, std::uint64_t{7});

  EXPECT_EQ(out,
            "# HELP a What it is.\n# TYPE a gauge\na -3\n"
            "a{x=\"q\\\"\\\\\\n\",y=\"\"} 7\n");
}

TEST(Samples, WriteSecondsWithAllTheirDecimals) {
  std::string out;
  write_seconds(out, {.metric = "a"}, 1'785'587'696'000'789);
  write_seconds(out, {.metric = "a"}, 5);
  write_seconds(out, {.metric = "a"}, -5);

  EXPECT_EQ(out, "a 1785587696.000789\na 0.000005\na 0.000000\n");
}

TEST(Samples, AHistogramIsExposedByDoublings) {
  Histogram histogram;
  histogram.add(10us);
  histogram.add(70us);
  histogram.add(127us);
  histogram.add(128us);
  histogram.add(1h);
  HistogramSum sum;
  sum.add(histogram);

  EXPECT_EQ(HistogramSum::bound_of(0), 64u);
  EXPECT_EQ(HistogramSum::bound_of(1), 128u);
  EXPECT_EQ(sum.below(0), 1u);
  EXPECT_EQ(sum.below(1), 3u);
  EXPECT_EQ(sum.below(2), 4u);
  EXPECT_EQ(sum.below(HistogramSum::bounds - 1), 4u);
  EXPECT_EQ(sum.count(), 5u);
}

}  // namespace
}  // namespace gg
