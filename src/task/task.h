// SPDX-License-Identifier: Apache-2.0
// Task: a coroutine that one parent awaits once, in place. Starting work that runs beside the
// starter is Scope's business (task/scope.h).
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/assert.h"
#include "task/frame_pool.h"

/// On a coroutine that few of its callers' runs come to: its frame stays out of theirs, into which
/// the compiler would put it, and theirs stays small.
#define GG_RARE [[gnu::noinline]]

namespace gg {

template <class T>
class Task;

namespace task_detail {

/// What every task's promise shares: pooled frames, a parent to go back to.
struct PromiseBase {
  std::coroutine_handle<> parent;

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept {
    release_frame(frame, size);
  }

  /// Goes straight back to the parent; the compiler makes this a jump, so that a long loop of
  /// children that finish at once does not grow the stack.
  struct BackToParent {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      return self.promise().parent;
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  BackToParent final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;

  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
};

}  // namespace task_detail

/// Lazy: nothing runs until it is awaited. Awaited exactly once, on the statement that makes it,
/// so its parameters may borrow from the awaiting coroutine.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = task_detail::Promise<T>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> child;
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> parent) const noexcept {
        child.promise().parent = parent;
        return child;
      }
      T await_resume() const {
        if constexpr (!std::is_void_v<T>) return std::move(*child.promise().value);
      }
    };
    GG_ASSERT(handle_ && !handle_.done());
    return Awaiter{handle_};
  }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

namespace task_detail {

template <class T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

}  // namespace task_detail
}  // namespace gg
