// SPDX-License-Identifier: Apache-2.0
#include "upstream/retry_budget.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "base/rng.h"

namespace gg {
namespace {

constexpr Instant start{1000s};

RetryBudgetConfig share_only(double percent) {
  return {.share = {percent}, .over = 10s, .floor = {0, 1s}};
}

void note_requests(RetryBudget& budget, int count, Instant now) {
  for (int i = 0; i < count; ++i) budget.note_request(now);
}

int spend_all(RetryBudget& budget, Instant now) {
  int spent = 0;
  while (budget.try_spend(now)) ++spent;
  return spent;
}

TEST(RetryBudget, AllowsTheFloorWithoutAnyRequest) {
  RetryBudget budget({.share = {20}, .over = 10s, .floor = {10, 1s}});

  EXPECT_EQ(budget.left(start), 100U);
  EXPECT_EQ(spend_all(budget, start), 100);
  EXPECT_EQ(budget.left(start), 0U);
}

TEST(RetryBudget, AllowsItsShareOfTheRequests) {
  RetryBudget budget(share_only(20));

  note_requests(budget, 50, start);

  EXPECT_EQ(spend_all(budget, start), 10);
}

TEST(RetryBudget, AllowsNothingWithoutRequestsOrFloor) {
  RetryBudget budget(share_only(20));

  EXPECT_FALSE(budget.try_spend(start));
}

TEST(RetryBudget, TheFloorComesNotOnTopOfTheShare) {
  RetryBudget budget({.share = {20}, .over = 10s, .floor = {1, 1s}});

  note_requests(budget, 100, start);

  EXPECT_EQ(spend_all(budget, start), 20);
}

TEST(RetryBudget, CountsWholeRetriesOnly) {
  RetryBudget budget(share_only(20));

  note_requests(budget, 4, start);
  EXPECT_EQ(budget.left(start), 0U);
  note_requests(budget, 1, start);
  EXPECT_EQ(budget.left(start), 1U);
}

TEST(RetryBudget, ForgetsRequestsThatLeftTheWindow) {
  RetryBudget budget(share_only(20));
  note_requests(budget, 50, start);

  EXPECT_EQ(budget.left(start + 9s), 10U);
  EXPECT_EQ(budget.left(start + 10s), 0U);
}

TEST(RetryBudget, GivesBackWhatWasSpentOnceItLeftTheWindow) {
  RetryBudget budget({.share = {0}, .over = 10s, .floor = {1, 1s}});
  ASSERT_EQ(spend_all(budget, start), 10);

  EXPECT_FALSE(budget.try_spend(start + 9s));
  EXPECT_TRUE(budget.try_spend(start + 10s));
}

TEST(RetryBudget, ForgetsEverythingAfterALongSilence) {
  RetryBudget budget(share_only(20));
  note_requests(budget, 50, start);
  spend_all(budget, start);

  note_requests(budget, 5, start + 24h);

  EXPECT_EQ(budget.left(start + 24h), 1U);
}

TEST(RetryBudget, KeepsItsWindowWhenTimeSeemsToGoBack) {
  RetryBudget budget(share_only(20));
  note_requests(budget, 50, start);

  EXPECT_EQ(budget.left(start - 5s), 10U);
  EXPECT_EQ(budget.left(start), 10U);
}

TEST(RetryBudget, AgreesWithACountOfEverySlot) {
  Rng rng(3);
  RetryBudget budget({.share = {20}, .over = 10s, .floor = {2, 1s}});
  struct Event {
    std::int64_t second;
    bool is_retry;
  };
  std::deque<Event> events;
  Instant now = start;

  for (int step = 0; step < 20000; ++step) {
    now = now + 1ms * static_cast<int>(rng.below(rng.chance(0.01) ? 15000 : 60));
    std::int64_t second = now.since_start / 1s;
    while (!events.empty() && events.front().second <= second - 10) events.pop_front();
    auto spent = std::ranges::count_if(events, [](const Event& event) { return event.is_retry; });
    auto requests = std::ssize(events) - spent;
    bool wants_retry = rng.chance(0.4);
    bool expected = spent + 1 <= std::max<std::int64_t>(requests / 5, 20);  // 20 %, at least 20

    if (!wants_retry) budget.note_request(now);
    if (wants_retry) ASSERT_EQ(budget.try_spend(now), expected) << "step " << step;
    if (!wants_retry || expected) events.push_back({second, wants_retry});
  }
}

}  // namespace
}  // namespace gg
