// SPDX-License-Identifier: Apache-2.0
// The smallest task and the instruments that the compiler checks share. Not part of the product:
// CMake compiles and runs these programs before it trusts a compiler with coroutines.
#pragma once

#include <coroutine>
#include <cstdlib>
#include <new>
#include <utility>

namespace check {

/// Counts its lives: alive() must be zero again when a check ends, and never negative.
class Counted {
 public:
  explicit Counted(int value = 0) : value_(value), self_(this) { ++alive_; }
  Counted(const Counted& other) : value_(other.value_), self_(this) { ++alive_; }
  Counted(Counted&& other) noexcept : value_(std::exchange(other.value_, -1)), self_(this) {
    ++alive_;
  }
  Counted& operator=(const Counted&) = default;
  ~Counted() {
    // An object that was copied byte by byte, or died before, is not where it was made.
    if (self_ != this) std::abort();
    self_ = nullptr;
    --alive_;
  }

  int value() const { return value_; }
  static int alive() { return alive_; }

 private:
  int value_;
  const Counted* self_;
  static inline int alive_ = 0;
};

/// A lazy, single-owner task with symmetric transfer, like the product's own.
template <class T>
class Task {
 public:
  struct promise_type {
    alignas(T) unsigned char storage[sizeof(T)];
    bool has_value = false;
    std::coroutine_handle<> continuation = std::noop_coroutine();

    ~promise_type() {
      if (has_value) value().~T();
    }
    T& value() { return *reinterpret_cast<T*>(storage); }
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct Transfer {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) noexcept {
          return h.promise().continuation;
        }
        void await_resume() noexcept {}
      };
      return Transfer{};
    }
    template <class U>
    void return_value(U&& result) {
      new (storage) T(std::forward<U>(result));
      has_value = true;
    }
    void unhandled_exception() noexcept { std::abort(); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> parent) noexcept {
    handle_.promise().continuation = parent;
    return handle_;
  }
  T await_resume() { return std::move(handle_.promise().value()); }

  /// Runs until the first real suspension; true when finished.
  bool run() {
    handle_.resume();
    return handle_.done();
  }
  bool done() const { return handle_.done(); }
  T result() { return std::move(handle_.promise().value()); }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

/// Suspends and remembers whom to resume.
struct Gate {
  std::coroutine_handle<> waiter;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) noexcept { waiter = h; }
  void await_resume() noexcept {}
};

inline Task<int> number(int value) { co_return value; }

}  // namespace check
