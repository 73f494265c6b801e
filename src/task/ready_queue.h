// SPDX-License-Identifier: Apache-2.0
// Coroutines to resume on the engine's next turn. Every wake-up that is not child-to-parent or an
// I/O completion goes through here: resumed inline, a waiter could destroy what still runs.
#pragma once

#include <coroutine>
#include <cstddef>
#include <vector>

namespace gg {

/// One per engine; one thread.
class ReadyQueue {
 public:
  void post(std::coroutine_handle<> handle) { waiting_.push_back(handle); }
  bool empty() const { return waiting_.empty(); }

  /// Resumes what was posted before the call; what is posted meanwhile waits for the next one.
  /// Returns how many were resumed.
  std::size_t run() {
    running_.swap(waiting_);
    std::size_t count = running_.size();
    for (std::coroutine_handle<> handle : running_) handle.resume();
    running_.clear();
    return count;
  }

  /// `co_await queue.next_turn()` lets everybody else run first.
  auto next_turn() {
    struct Awaiter {
      ReadyQueue& queue;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> handle) const { queue.post(handle); }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

 private:
  std::vector<std::coroutine_handle<>> waiting_;
  std::vector<std::coroutine_handle<>> running_;
};

}  // namespace gg
