// SPDX-License-Identifier: Apache-2.0
#include "report/log_time.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

// date -u -d @1785587696 gives Sat Aug 1 12:34:56 UTC 2026.
constexpr std::int64_t august_first = 1'785'587'696'000'000;

TEST(LogTime, WritesBothSpellings) {
  LogTime time;

  EXPECT_EQ(time.rfc3339({august_first + 789}), "2026-08-01T12:34:56.000789Z");
  EXPECT_EQ(time.common({august_first + 789}), "01/Aug/2026:12:34:56 +0000");
}

TEST(LogTime, FollowsTheTimeForwardAndBack) {
  LogTime time;

  EXPECT_EQ(time.rfc3339({august_first}), "2026-08-01T12:34:56.000000Z");
  EXPECT_EQ(time.rfc3339({august_first + 4'000'000}), "2026-08-01T12:35:00.000000Z");
  EXPECT_EQ(time.rfc3339({august_first - 1}), "2026-08-01T12:34:55.999999Z");
}

TEST(LogTime, KnowsTheEndsOfMonthsYearsAndLeapYears) {
  LogTime time;

  EXPECT_EQ(time.rfc3339({0}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(time.rfc3339({-1}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(time.common({951'782'400'000'000}), "29/Feb/2000:00:00:00 +0000");
  EXPECT_EQ(time.common({1'798'761'599'000'000}), "31/Dec/2026:23:59:59 +0000");
}

}  // namespace
}  // namespace gg
