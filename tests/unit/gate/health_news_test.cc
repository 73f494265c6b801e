// SPDX-License-Identifier: Apache-2.0
#include "gate/health_news.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr Instant start{Duration(1h)};

TEST(HealthLog, EveryChangeIsALine) {
  HealthLog log;

  EXPECT_EQ(log.line_for("one", start), "one");
  EXPECT_EQ(log.line_for("two", start), "two");
}

TEST(HealthLog, AFloodIsCutAndItsRestCounted) {
  HealthLog log;
  for (std::uint32_t i = 0; i < HealthLog::lines_per_second; ++i) log.line_for("change", start);

  EXPECT_EQ(log.line_for("change", start + 999ms), "");
  EXPECT_EQ(log.line_for("change", start + 999ms), "");
  EXPECT_EQ(log.line_for("change", start + 1s), "and 2 more changes of health; change");
  EXPECT_EQ(log.line_for("change", start + 1s), "change");
}

}  // namespace
}  // namespace gg
