// SPDX-License-Identifier: Apache-2.0
#include "rules/rate_limiter.h"

#include <gtest/gtest.h>

#include "rules_request.h"

namespace gg {
namespace {

const Instant start{1000s};

/// How many of `count` requests of one client at `now` are let through.
int let_through(RateLimiter& limiter, int count, Instant now, std::uint64_t client = 7) {
  int within = 0;
  for (int i = 0; i < count; ++i) within += limiter.take(client, now).is_within ? 1 : 0;
  return within;
}

TEST(RateLimiter, ABurstIsLetThroughAtOnceAndThenTheRate) {
  RateLimiter limiter({.rate = {10, 1s}, .burst = 5});

  EXPECT_EQ(let_through(limiter, 20, start), 5);
  EXPECT_EQ(let_through(limiter, 20, start + 99ms), 0);
  EXPECT_EQ(let_through(limiter, 20, start + 100ms), 1);
  EXPECT_EQ(let_through(limiter, 20, start + 400ms), 3);
  EXPECT_EQ(let_through(limiter, 20, start + 1h), 5);
}

TEST(RateLimiter, OverALongTimeItIsExact) {
  RateLimiter limiter({.rate = {30, 1s}, .burst = 30});
  int within = 0;

  for (int i = 0; i < 10'000; ++i) within += let_through(limiter, 1, start + i * 1ms);

  EXPECT_EQ(within, 30 + 299);
}

TEST(RateLimiter, ABurstIsOneSecondsWorthIfNothingIsSaid) {
  RateLimiter fast({.rate = {100, 1s}});
  RateLimiter slow({.rate = {5, 1min}});

  EXPECT_EQ(let_through(fast, 200, start), 100);
  EXPECT_EQ(let_through(slow, 200, start), 1);
}

TEST(RateLimiter, WhoIsRefusedIsToldWhenToComeBackAndThenServed) {
  RateLimiter limiter({.rate = {2, 1s}, .burst = 1});
  ASSERT_TRUE(limiter.take(7, start).is_within);

  RateLimiter::Verdict refused = limiter.take(7, start + 100ms);

  EXPECT_FALSE(refused.is_within);
  EXPECT_EQ(refused.wait, 400ms);
  EXPECT_TRUE(limiter.take(7, start + 100ms + refused.wait).is_within);
}

TEST(RateLimiter, WhatIsLeftIsCountedDown) {
  RateLimiter limiter({.rate = {1, 1s}, .burst = 3});

  EXPECT_EQ(limiter.take(7, start).remaining, 2U);
  EXPECT_EQ(limiter.take(7, start).remaining, 1U);
  EXPECT_EQ(limiter.take(7, start).remaining, 0U);
}

TEST(RateLimiter, EachClientHasABucketOfItsOwn) {
  RateLimiter limiter({.rate = {1, 1s}, .burst = 1});

  EXPECT_EQ(let_through(limiter, 3, start, 7), 1);
  EXPECT_EQ(let_through(limiter, 3, start, 8), 1);
}

TEST(RateLimiter, MoreClientsThanItCanKeepAreServedAllTheSame) {
  RateLimiter limiter({.rate = {1, 1h}, .burst = 1});
  int within = 0;

  for (std::uint64_t client = 1; client <= 200'000; ++client) {
    within += let_through(limiter, 1, start, client * 0x9e3779b97f4a7c15U | 1U);
  }

  EXPECT_EQ(within, 200'000);
  EXPECT_GT(limiter.forgotten(), 100'000U);
}

TEST(RateLimiter, ClientsThatHaveBeenQuietAreForgottenFirst) {
  RateLimiter limiter({.rate = {1, 1s}, .burst = 1});
  let_through(limiter, 1, start, 5);
  let_through(limiter, 1, start + 1h, 7);

  for (std::uint64_t i = 1; i <= 7; ++i) let_through(limiter, 1, start + 1h, 7 + i * 8192);

  EXPECT_EQ(limiter.forgotten(), 0U);
  EXPECT_EQ(let_through(limiter, 1, start + 1h, 7), 0);
}

TEST(RateLimiter, AllRequestsOfTheRouteMayBeCountedTogether) {
  RateLimiter limiter({.per = {RateLimitKey::Kind::route, {}}, .rate = {1, 1s}, .burst = 1});
  RulesRequest request(RulesRequest::get("/"));

  EXPECT_TRUE(limiter.take(request.head(), Address::v4({1, 2, 3, 4}, 1), start).is_within);
  EXPECT_FALSE(limiter.take(request.head(), Address::v4({5, 6, 7, 8}, 1), start).is_within);
}

// Shared with other gateways.

using Spent = std::vector<std::pair<std::uint64_t, std::uint32_t>>;

Spent spent_of(RateLimiter& limiter) {
  Spent spent;
  limiter.take_spent(
      [&](std::uint64_t key, std::uint32_t count) { spent.emplace_back(key, count); });
  return spent;
}

TEST(RateLimiter, TellsOnceWhatItHasLetThrough) {
  RateLimiter limiter({.rate = {10, 1s}, .burst = 3, .shared = true});
  let_through(limiter, 5, start, 7);
  let_through(limiter, 1, start, 8);

  EXPECT_EQ(spent_of(limiter), (Spent{{7, 3}, {8, 1}}));
  EXPECT_EQ(spent_of(limiter), Spent{});
  let_through(limiter, 1, start + 1s, 7);
  EXPECT_EQ(spent_of(limiter), (Spent{{7, 1}}));
}

TEST(RateLimiter, WhatIsNotSharedIsNotTold) {
  RateLimiter limiter({.rate = {10, 1s}, .burst = 3});
  let_through(limiter, 5, start, 7);

  EXPECT_FALSE(limiter.is_shared());
  EXPECT_EQ(spent_of(limiter), Spent{});
}

TEST(RateLimiter, WhatOthersHaveLetThroughIsTakenFromItsOwnBuckets) {
  RateLimiter limiter({.rate = {10, 1s}, .burst = 5, .shared = true});
  let_through(limiter, 1, start);
  spent_of(limiter);

  limiter.agree(7, 400ms, start);  // four of five

  EXPECT_EQ(let_through(limiter, 5, start), 1);
  EXPECT_EQ(let_through(limiter, 5, start + 200ms), 2);
}

TEST(RateLimiter, WhatItLetThroughSinceItAskedComesOnTop) {
  RateLimiter limiter({.rate = {10, 1s}, .burst = 5, .shared = true});
  let_through(limiter, 1, start);
  spent_of(limiter);
  let_through(limiter, 2, start);

  limiter.agree(7, 200ms, start);  // as it was before those two

  EXPECT_EQ(let_through(limiter, 5, start), 1);
}

TEST(RateLimiter, NobodyGetsATokenBackOrOwesMoreThanABucket) {
  RateLimiter limiter({.rate = {10, 1s}, .burst = 5, .shared = true});
  let_through(limiter, 3, start);
  spent_of(limiter);

  limiter.agree(7, 0ms, start);
  EXPECT_EQ(let_through(limiter, 5, start), 2);
  spent_of(limiter);
  limiter.agree(7, 1h, start);
  EXPECT_EQ(let_through(limiter, 5, start + 100ms), 1);
  limiter.agree(99, 1s, start);  // nobody who is known here
  EXPECT_EQ(let_through(limiter, 9, start, 99), 5);
}

TEST(RateLimiter, ItsPolicyIsToldInRequestsAndSeconds) {
  EXPECT_EQ(RateLimiter({.rate = {10, 1s}, .burst = 20}).policy(), "\"route\";q=20;w=2");
  EXPECT_EQ(RateLimiter({.rate = {100, 1s}}).policy(), "\"route\";q=100;w=1");
}

}  // namespace
}  // namespace gg
