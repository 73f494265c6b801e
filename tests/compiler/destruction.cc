// SPDX-License-Identifier: Apache-2.0
// A frame that is destroyed while suspended gives back its locals, parameters and children, once.
#include <array>
#include <cstddef>
#include <new>
#include <string>

#include "check.h"

namespace check {
namespace {

Task<int> waits(Gate& gate, Counted parameter) {
  Counted local(2);
  std::array<Counted, 3> several{Counted(1), Counted(2), Counted(3)};
  co_await gate;
  co_return parameter.value() + local.value() + several[2].value();
}

Task<int> waits_for_child(Gate& gate, Counted parameter) {
  Counted local(1);
  int child = co_await waits(gate, Counted(10));
  co_return child + local.value() + parameter.value();
}

/// Frames from an allocator of its own, which is told the same size at both ends.
struct Pooled {
  struct promise_type {
    static inline std::size_t lent = 0;
    static void* operator new(std::size_t size) {
      lent += size;
      return ::operator new(size);
    }
    static void operator delete(void* frame, std::size_t size) {
      lent -= size;
      ::operator delete(frame);
    }
    Pooled get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() noexcept { std::abort(); }
  };
  std::coroutine_handle<promise_type> handle;
};

Pooled pooled(Gate& gate, std::string text) {
  Counted local(static_cast<int>(text.size()));
  co_await gate;
}

}  // namespace

bool destruction() {
  bool right = true;
  {
    Gate gate;
    Task<int> abandoned = waits_for_child(gate, Counted(5));
    right = right && !abandoned.run() && Counted::alive() == 8;  // with the argument itself
  }
  if (!right || Counted::alive() != 0) return false;

  Gate gate;
  Task<int> resumed = waits_for_child(gate, Counted(5));
  if (resumed.run() || Counted::alive() != 8) return false;
  gate.waiter.resume();
  right = resumed.done() && resumed.result() == 10 + 2 + 3 + 1 + 5;

  Pooled frame = pooled(gate, std::string(50, 'x'));
  frame.handle.resume();
  right = right && Counted::alive() == 1 + 1 && Pooled::promise_type::lent > 0;
  frame.handle.destroy();
  right = right && Pooled::promise_type::lent == 0;
  return right && Counted::alive() == 1;  // what `resumed` was given goes with it
}

}  // namespace check
