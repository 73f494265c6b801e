// SPDX-License-Identifier: Apache-2.0
#include "upstream/pool_trouble.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace gg {
namespace {

constexpr Instant start{1000s};

/// So many attempts, one each millisecond. Returns when the last was noted.
Instant note(PoolTrouble& trouble, int count, bool failed, Instant from) {
  for (int i = 0; i < count; ++i) trouble.note(failed, from + i * 1ms);
  return from + count * 1ms;
}

TEST(PoolTrouble, IsNotThereAtFirst) {
  PoolTrouble trouble;

  EXPECT_FALSE(trouble.is_there(start));
}

TEST(PoolTrouble, IsThereWhenNearlyAllAttemptsFail) {
  PoolTrouble trouble;
  Instant now = note(trouble, PoolTrouble::failed_least - 1, true, start);
  EXPECT_FALSE(trouble.is_there(now));

  trouble.note(true, now);

  EXPECT_TRUE(trouble.is_there(now));
}

TEST(PoolTrouble, IsOverAfterAFewAnswers) {
  PoolTrouble trouble;
  Instant now = note(trouble, PoolTrouble::attempts, true, start);

  now = note(trouble, PoolTrouble::attempts - PoolTrouble::failed_least, false, now);
  EXPECT_TRUE(trouble.is_there(now));
  trouble.note(false, now);

  EXPECT_FALSE(trouble.is_there(now));
}

TEST(PoolTrouble, IsForgottenWhenNothingIsTriedForASecond) {
  PoolTrouble trouble;
  Instant now = note(trouble, PoolTrouble::attempts, true, start);

  EXPECT_TRUE(trouble.is_there(now + 900ms));
  EXPECT_FALSE(trouble.is_there(now + 1s));
}

TEST(PoolTrouble, WhatLiesBeforeAPauseDoesNotCount) {
  PoolTrouble trouble;
  Instant now = note(trouble, PoolTrouble::attempts, true, start);

  trouble.note(true, now + 2s);

  EXPECT_FALSE(trouble.is_there(now + 2s));
}

/// Requests with three attempts each at endpoints of which `bad` always fail; the others never do.
double share_in_trouble(std::size_t endpoints, std::size_t bad) {
  PoolTrouble trouble;
  Rng rng(7);
  int in_trouble = 0;
  constexpr int requests = 5000;
  for (int i = 0; i < requests; ++i) {
    Instant now = start + i * 1ms;
    std::size_t at = rng.below(endpoints);
    for (std::size_t attempt = 0; attempt < 3; ++attempt) {
      bool failed = (at + attempt) % endpoints < bad;
      trouble.note(failed, now);
      if (!failed) break;
    }
    in_trouble += trouble.is_there(now) ? 1 : 0;
  }
  return static_cast<double>(in_trouble) / requests;
}

TEST(PoolTrouble, OneSoundEndpointOfThreeIsEnough) {
  EXPECT_EQ(share_in_trouble(2, 1), 0);
  EXPECT_EQ(share_in_trouble(3, 1), 0);
  EXPECT_LT(share_in_trouble(3, 2), 0.001);
  EXPECT_GT(share_in_trouble(3, 3), 0.99);
}

}  // namespace
}  // namespace gg
