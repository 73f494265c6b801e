// SPDX-License-Identifier: Apache-2.0
#include "report/trace_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace gg {
namespace {

using Outcome = TraceQueue::Outcome;

class ATraceQueue : public testing::Test {
 protected:
  void add(std::size_t bytes, std::uint64_t spans = 2) {
    queue_.add(spans, now_, [bytes](std::string& out) { out.append(bytes, 'x'); });
  }
  void sent(Outcome outcome, Duration pause = {}) { queue_.sent(outcome, now_, pause, 1.0); }
  /// Until something is due, at most for an hour. How long that took.
  Duration wait() {
    Instant began = now_;
    while (queue_.due(now_) == nullptr && now_ < began + 1h) now_ = now_ + 10ms;
    return now_ - began;
  }

  TraceQueue queue_;
  Instant now_{100s};
};

TEST_F(ATraceQueue, HasNothingToSendAtFirst) {
  EXPECT_EQ(queue_.due(now_), nullptr);
  EXPECT_EQ(queue_.next(), std::nullopt);
  EXPECT_TRUE(queue_.is_empty());
}

TEST_F(ATraceQueue, GathersForASecond) {
  add(10);
  now_ = now_ + 500ms;
  add(10);
  EXPECT_EQ(queue_.due(now_), nullptr);
  EXPECT_EQ(queue_.next(), now_ + 500ms);

  now_ = now_ + 500ms;

  ASSERT_NE(queue_.due(now_), nullptr);
  EXPECT_EQ(*queue_.due(now_), std::string(20, 'x'));
}

TEST_F(ATraceQueue, SendsAFullBatchAtOnce) {
  add(TraceQueue::batch_most);
  EXPECT_NE(queue_.due(now_), nullptr);
}

TEST_F(ATraceQueue, SendsAtOnceWhatIsLeftAtTheEnd) {
  add(10);
  queue_.hurry();
  EXPECT_NE(queue_.due(now_), nullptr);
}

TEST_F(ATraceQueue, CountsWhatWasTakenAndWhatWasLeftOut) {
  add(10, 5);
  wait();
  queue_.sent(Outcome::taken, now_, {}, 0, 2);

  EXPECT_EQ(queue_.counts().exported, 3u);
  EXPECT_EQ(queue_.counts().refused, 2u);
  EXPECT_TRUE(queue_.is_empty());
}

TEST_F(ATraceQueue, DropsWhatIsRefusedForGood) {
  add(10, 5);
  wait();
  sent(Outcome::refused);

  EXPECT_EQ(queue_.counts().refused, 5u);
  EXPECT_TRUE(queue_.is_empty());
}

TEST_F(ATraceQueue, TriesAgainEverMoreRarely) {
  add(10);
  wait();
  sent(Outcome::unreachable);
  EXPECT_EQ(wait(), 1s);
  sent(Outcome::unreachable);
  EXPECT_EQ(wait(), 2s);
  sent(Outcome::busy);
  EXPECT_EQ(wait(), 4s);
  sent(Outcome::taken);

  EXPECT_EQ(queue_.counts().exported, 2u);
  EXPECT_EQ(queue_.failures(), 0u);
}

TEST_F(ATraceQueue, WaitsAsLongAsTheCollectorAsksButNotForEver) {
  add(10);
  wait();
  sent(Outcome::busy, 7s);
  EXPECT_EQ(wait(), 7s);
  sent(Outcome::busy, 24h);
  EXPECT_EQ(wait(), TraceQueue::longest_pause);
}

TEST_F(ATraceQueue, GivesUpWhatIsTooOldAndGoesOnWithTheNext) {
  add(10, 5);
  wait();
  int tries = 0;
  for (; queue_.counts().unreachable == 0 && tries < 100; ++tries) {
    sent(Outcome::unreachable);
    if (queue_.counts().unreachable == 0) wait();
  }
  EXPECT_EQ(queue_.counts().unreachable, 5u);
  EXPECT_GT(tries, 3);

  add(10, 7);
  wait();
  sent(Outcome::taken);
  EXPECT_EQ(queue_.counts().exported, 7u);
}

TEST_F(ATraceQueue, NeverPausesLongerThanAMinute) {
  for (int i = 0; i < 100; ++i) {
    add(10);
    EXPECT_LE(wait(), TraceQueue::longest_pause + TraceQueue::batch_wait);
    sent(Outcome::unreachable);
  }
}

TEST_F(ATraceQueue, HoldsNoMoreThanItsBound) {
  add(TraceQueue::waiting_most);
  EXPECT_FALSE(queue_.has_room());
  wait();
  EXPECT_TRUE(queue_.has_room());
}

TEST_F(ATraceQueue, AtTheEndTriesOnceMoreAndNoMore) {
  add(10, 5);
  queue_.hurry();
  EXPECT_NE(queue_.due(now_), nullptr);
  sent(Outcome::unreachable);

  EXPECT_EQ(queue_.counts().unreachable, 5u);
  EXPECT_TRUE(queue_.is_empty());
}

}  // namespace
}  // namespace gg
