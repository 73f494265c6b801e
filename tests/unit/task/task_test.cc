// SPDX-License-Identifier: Apache-2.0
// Task, Scope, ReadyQueue and the pool of frames.
#include "task/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "task/frame_pool.h"
#include "task/ready_queue.h"
#include "task/scope.h"

namespace gg {

namespace {

/// Something to wait for that a test opens by hand.
class Gate {
 public:
  auto pass() {
    struct Awaiter {
      Gate& gate;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> handle) const { gate.waiting_ = handle; }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }
  void open() { std::exchange(waiting_, {}).resume(); }

 private:
  std::coroutine_handle<> waiting_;
};

/// No frame may be left when a test ends.
class Tasks : public testing::Test {
 protected:
  ~Tasks() override { EXPECT_EQ(frame_counters().live, live_before_); }

  ReadyQueue ready_;

 private:
  std::size_t live_before_ = frame_counters().live;
};

using Log = std::vector<std::string>;

Task<int> seven() { co_return 7; }
Task<std::unique_ptr<int>> only_movable() { co_return std::make_unique<int>(8); }
Task<void> write_down(Log& log, std::string words) {
  log.push_back(std::move(words));
  co_return;
}

Task<void> ask_children(Log& log) {
  int number = co_await seven();
  std::unique_ptr<int> moved = co_await only_movable();
  co_await write_down(log, std::to_string(number + *moved));
}

TEST_F(Tasks, AChildGivesItsParentAValue) {
  Log log;
  Scope scope(ready_);

  scope.start(ask_children(log));

  EXPECT_EQ(log, Log{"15"});
  EXPECT_EQ(scope.running(), 0U);
}

TEST_F(Tasks, ATaskThatIsNeverAwaitedNeverRuns) {
  Log log;

  {
    Task<void> unused = write_down(log, "no");
  }

  EXPECT_EQ(log, Log{});
}

Task<int> count_down(int from) {
  int sum = 0;
  for (int i = 0; i < from; ++i) {
    int one = co_await seven();
    sum += one;
  }
  co_return sum;
}

Task<void> keep_sum(int& sum, int from) { sum = co_await count_down(from); }

TEST_F(Tasks, AMillionChildrenThatFinishAtOnceDoNotGrowTheStack) {
  int sum = 0;
  Scope scope(ready_);

  scope.start(keep_sum(sum, 1'000'000));

  EXPECT_EQ(sum, 7'000'000);
}

Task<void> pass_then_write(Gate& gate, Log& log) {
  co_await gate.pass();
  log.push_back("through");
}

Task<void> join_then_write(Scope& scope, Log& log) {
  co_await scope.join();
  log.push_back("joined");
}

TEST_F(Tasks, JoiningWaitsForTheLastChildAndIsPostedNotInline) {
  Log log;
  Gate first;
  Gate second;
  Scope children(ready_);
  Scope waiters(ready_);
  children.start(pass_then_write(first, log));
  children.start(pass_then_write(second, log));
  waiters.start(join_then_write(children, log));

  first.open();
  ready_.run();
  EXPECT_EQ(log, Log{"through"});
  second.open();
  EXPECT_EQ(log, (Log{"through", "through"}));
  ready_.run();

  EXPECT_EQ(log, (Log{"through", "through", "joined"}));
}

Task<void> scope_inside(ReadyQueue& ready, Gate& gate, Log& log) {
  Scope scope(ready);
  scope.start(pass_then_write(gate, log));
  co_await scope.join();
  log.push_back("scope is over");
}

TEST_F(Tasks, AJoinerMayDestroyTheScopeItJoined) {
  Log log;
  Gate gate;
  Scope outer(ready_);
  outer.start(scope_inside(ready_, gate, log));

  gate.open();
  ready_.run();

  EXPECT_EQ(log, (Log{"through", "scope is over"}));
}

TEST_F(Tasks, JoiningAnEmptyScopeDoesNotWait) {
  Log log;
  Scope empty(ready_);
  Scope waiters(ready_);

  waiters.start(join_then_write(empty, log));

  EXPECT_EQ(log, Log{"joined"});
}

TEST_F(Tasks, AStartedTaskOwnsItsArgumentsUntilItEnds) {
  Gate gate;
  auto shared = std::make_shared<int>(1);
  Scope scope(ready_);
  auto hold = [](Gate& g, std::shared_ptr<int> kept) -> Task<void> {
    co_await g.pass();
    *kept = 2;
  };
  scope.start(hold(gate, shared));
  EXPECT_EQ(shared.use_count(), 2);

  gate.open();

  EXPECT_EQ(*shared, 2);
  EXPECT_EQ(shared.use_count(), 1);
}

using TaskDeath = Tasks;

TEST_F(TaskDeath, AScopeMustNotDieBeforeItsChildren) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Log log;
        Gate gate;
        Scope scope(ready_);
        scope.start(pass_then_write(gate, log));
      },
      "running_ == 0");
}

Task<void> yield_and_write(ReadyQueue& ready, Log& log, std::string name, int times) {
  for (int i = 0; i < times; ++i) {
    log.push_back(name);
    co_await ready.next_turn();
  }
}

TEST_F(Tasks, NextTurnLetsEverybodyElseRunFirst) {
  Log log;
  Scope scope(ready_);
  scope.start(yield_and_write(ready_, log, "a", 2));
  scope.start(yield_and_write(ready_, log, "b", 2));

  EXPECT_EQ(ready_.run(), 2U);
  EXPECT_EQ(log, (Log{"a", "b", "a", "b"}));
  EXPECT_EQ(ready_.run(), 2U);
  EXPECT_EQ(ready_.run(), 0U);
  EXPECT_TRUE(ready_.empty());
}

TEST_F(Tasks, FramesAreCountedAndGivenBack) {
  Gate gate;
  Log log;
  std::size_t before = frame_counters().live;
  std::size_t bytes_before = frame_counters().live_bytes;
  Scope scope(ready_);

  scope.start(pass_then_write(gate, log));
  EXPECT_EQ(frame_counters().live, before + 2);  // the task's and its supervisor's
  EXPECT_GT(frame_counters().live_bytes, bytes_before);
  gate.open();

  EXPECT_EQ(frame_counters().live, before);
  EXPECT_EQ(frame_counters().live_bytes, bytes_before);
}

}  // namespace
}  // namespace gg
