// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "rules/rate_limiter.h"

namespace gg {
namespace {

TEST(RateLimiterThreads, SeveralThreadsTogetherLetNoMoreThrough) {
  RateLimiter limiter({.rate = {1, 1h}, .burst = 1000});
  limiter.take(7, Instant{1s});
  std::atomic<int> within{1};
  auto hammer = [&] {
    for (int i = 0; i < 2000; ++i) {
      if (limiter.take(7, Instant{1s}).is_within) within.fetch_add(1, std::memory_order_relaxed);
    }
  };

  std::vector<std::thread> threads;
  threads.emplace_back(hammer);
  threads.emplace_back(hammer);
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(within.load(), 1000);
}

}  // namespace
}  // namespace gg
