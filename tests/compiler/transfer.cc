// SPDX-License-Identifier: Apache-2.0
// A million awaits in a loop take no stack: transfer between coroutines is a jump, not a call.
#include "check.h"

namespace check {
namespace {

constexpr int rounds = 1'000'000;

Task<int> adds_up() {
  int sum = 0;
  for (int i = 0; i < rounds; ++i) {
    int one = co_await number(1);
    sum += one;
  }
  co_return sum;
}

/// Two coroutines that hand control to each other without ever returning to the caller.
struct Player {
  struct promise_type {
    Player get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() noexcept { std::abort(); }
  };
  std::coroutine_handle<promise_type> handle;
};

struct Pass {
  std::coroutine_handle<>& other;
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<>) noexcept { return other; }
  void await_resume() noexcept {}
};

Player plays(int& hits, std::coroutine_handle<>& other) {
  for (;;) {
    if (++hits >= rounds) co_return;
    co_await Pass{other};
  }
}

}  // namespace

bool transfer() {
  Task<int> task = adds_up();
  bool right = task.run() && task.result() == rounds;

  int hits = 0;
  std::coroutine_handle<> left;
  std::coroutine_handle<> second;
  Player a = plays(hits, second);
  Player b = plays(hits, left);
  left = a.handle;
  second = b.handle;
  left.resume();
  right = right && hits == rounds;
  a.handle.destroy();
  b.handle.destroy();
  return right;
}

}  // namespace check
