// SPDX-License-Identifier: Apache-2.0
// How large coroutine frames are: the largest of a whole request, and what a connection that waits
// for its next request holds.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdio>
#include <vector>

#include "cost/one_worker.h"
#include "task/frame_pool.h"

namespace gg {

namespace {

// Budgets in bytes: what was measured and about a tenth more. When one is exceeded, see what the
// frame holds across an await and move that out; or raise the budget, with the reason in the
// commit.
constexpr std::size_t largest_frame_most = 1040;
constexpr std::size_t idle_connection_most = 840;
constexpr std::size_t idle_connections = 200;

class Frames : public testing::Test {
 protected:
  /// Makes clients that have each had an answer, and stay.
  bool have_idle_clients(std::size_t count) {
    bool all_answered = true;
    while (clients_.size() < count) {
      clients_.push_back(gate_.connect());
      all_answered = gate_.ask(clients_.back(), small_get_) && all_answered;
    }
    return all_answered;
  }

  OneWorker gate_;
  std::vector<PlainSocket> clients_;
  CostExchange small_get_ = CostExchange::small_get();
  CostExchange post_ = CostExchange::post_64k();
};

TEST_F(Frames, NoFrameOfARequestIsLarge) {
  PlainSocket client = gate_.connect();

  ASSERT_TRUE(gate_.ask(client, small_get_));
  ASSERT_TRUE(gate_.ask(client, post_));

  std::printf("largest frame: %zu bytes, at most %zu\n", frame_counters().largest,
              largest_frame_most);
  EXPECT_LE(frame_counters().largest, largest_frame_most);
}

TEST_F(Frames, AnIdleConnectionHoldsASmallFrame) {
  ASSERT_TRUE(have_idle_clients(1));
  std::size_t before = frame_counters().live_bytes;
  ASSERT_TRUE(have_idle_clients(1 + idle_connections));

  std::size_t each = (frame_counters().live_bytes - before) / idle_connections;

  std::printf("frames of an idle connection: %zu bytes, at most %zu\n", each, idle_connection_most);
  EXPECT_GT(each, 0U);
  EXPECT_LE(each, idle_connection_most);
}

TEST_F(Frames, AnIdleConnectionHoldsNoBuffer) {
  ASSERT_TRUE(have_idle_clients(1));
  std::size_t before = gate_.engine().buffers().bytes_lent();

  ASSERT_TRUE(have_idle_clients(1 + idle_connections));

  EXPECT_EQ(gate_.engine().buffers().bytes_lent(), before);
}

TEST_F(Frames, AllFramesOfAConnectionDieWithIt) {
  ASSERT_TRUE(have_idle_clients(1));
  clients_.clear();
  ASSERT_TRUE(gate_.run_until_sessions(0));
  std::size_t before = frame_counters().live_bytes;

  ASSERT_TRUE(have_idle_clients(idle_connections));
  clients_.clear();
  ASSERT_TRUE(gate_.run_until_sessions(0));

  EXPECT_EQ(frame_counters().live_bytes, before);
}

}  // namespace

}  // namespace gg
