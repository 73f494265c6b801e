// SPDX-License-Identifier: Apache-2.0
// Scope: the only way to run a task beside its starter. It counts what it started and cannot be
// destroyed while one still runs, so a child may refer to anything that outlives the scope.
#pragma once

#include <coroutine>
#include <cstddef>
#include <utility>

#include "base/assert.h"
#include "task/ready_queue.h"
#include "task/task.h"

namespace gg {

/// One thread. Children end by themselves (or because what they wait for was cancelled); then
/// `co_await scope.join()` returns.
class Scope {
 public:
  explicit Scope(ReadyQueue& ready) : ready_(ready) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope() { GG_ASSERT(running_ == 0); }

  /// Runs `child` now, up to its first suspension. It owns its arguments: values, or references
  /// to what outlives this scope.
  void start(Task<void> child) {
    ++running_;
    supervise(std::move(child));
  }

  std::size_t running() const { return running_; }

  /// Waits until the last child has finished. At most one waiter at a time.
  auto join() {
    struct Awaiter {
      Scope& scope;
      bool await_ready() const noexcept { return scope.running_ == 0; }
      void await_suspend(std::coroutine_handle<> waiter) const {
        GG_ASSERT(!scope.waiter_);
        scope.waiter_ = waiter;
      }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

 private:
  /// A coroutine that nobody owns: its frame goes when it ends. Only for supervise().
  struct Unowned {
    struct promise_type {
      static void* operator new(std::size_t size) { return allocate_frame(size); }
      static void operator delete(void* frame, std::size_t size) noexcept {
        release_frame(frame, size);
      }
      Unowned get_return_object() const noexcept { return {}; }
      std::suspend_never initial_suspend() const noexcept { return {}; }
      std::suspend_never final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
    };
  };

  Unowned supervise(Task<void> child) {
    co_await std::move(child);
    --running_;
    // Posted, not resumed: the waiter may destroy this scope, and with it what still runs here.
    if (running_ == 0 && waiter_) ready_.post(std::exchange(waiter_, {}));
  }

  ReadyQueue& ready_;
  std::size_t running_ = 0;
  std::coroutine_handle<> waiter_;
};

}  // namespace gg
