// SPDX-License-Identifier: Apache-2.0
#include "proxy/backoff.h"

#include <gtest/gtest.h>

#include <array>

namespace gg {
namespace {

TEST(Backoff, TheLongestWait) {
  struct Row {
    BackoffQuestion question;
    Duration expected;
  };
  constexpr Row rows[] = {
      {{.pool_is_in_trouble = false, .waits_before = 0, .time_left = 1h}, 0ms},
      {{.pool_is_in_trouble = false, .waits_before = 5, .time_left = 1h}, 0ms},
      {{.pool_is_in_trouble = true, .waits_before = 0, .time_left = 1h}, 25ms},
      {{.pool_is_in_trouble = true, .waits_before = 1, .time_left = 1h}, 50ms},
      {{.pool_is_in_trouble = true, .waits_before = 2, .time_left = 1h}, 100ms},
      {{.pool_is_in_trouble = true, .waits_before = 3, .time_left = 1h}, 200ms},
      {{.pool_is_in_trouble = true, .waits_before = 4, .time_left = 1h}, 250ms},
      {{.pool_is_in_trouble = true, .waits_before = 4'000'000'000, .time_left = 1h}, 250ms},
      // Not where that is half of what is left.
      {{.pool_is_in_trouble = true, .waits_before = 0, .time_left = 51ms}, 25ms},
      {{.pool_is_in_trouble = true, .waits_before = 0, .time_left = 50ms}, 0ms},
      {{.pool_is_in_trouble = true, .waits_before = 0, .time_left = 0ms}, 0ms},
      {{.pool_is_in_trouble = true, .waits_before = 0, .time_left = Duration::max()}, 25ms},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(longest_backoff(row.question), row.expected)
        << row.question.pool_is_in_trouble << " " << row.question.waits_before << " "
        << row.question.time_left.count();
  }
}

TEST(Backoff, IsAnythingUpToTheLongestWait) {
  Rng rng(3);
  std::array<int, 5> fifths{};
  for (int i = 0; i < 5000; ++i) {
    Duration wait = backoff({.pool_is_in_trouble = true, .waits_before = 0, .time_left = 1h}, rng);
    ++fifths.at(static_cast<std::size_t>(wait / 5ms));
  }

  for (int count : fifths) EXPECT_NEAR(count, 1000, 150);
}

TEST(Backoff, IsNoneWhereThereIsNoTrouble) {
  Rng rng(3);

  EXPECT_EQ(backoff({.pool_is_in_trouble = false, .waits_before = 3, .time_left = 1h}, rng), 0ms);
}

}  // namespace
}  // namespace gg
