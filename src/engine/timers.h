// SPDX-License-Identifier: Apache-2.0
// A hierarchical timing wheel (Varghese and Lauck 1987): adding, removing and firing are O(1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/intrusive_list.h"
#include "base/time.h"

namespace gg {

/// Something that waits for a moment. Base of Operation; leaves the wheel when destroyed.
class Timer : public ListNode {
 public:
  Instant due() const { return due_; }

 private:
  friend class TimerWheel;
  Instant due_{};
  std::uint64_t tick_ = 0;
};

/// Fires no timer early and each within one tick (2^20 ns, about 1 ms) of its due time, as long as
/// it is turned. Timers of one tick fire in the order of their adding. One thread.
class TimerWheel {
 public:
  explicit TimerWheel(Instant start) : now_tick_(floor_tick(start)) {}

  /// `timer` is in no wheel. A due time in the past fires at the next pop.
  void add(Timer& timer, Instant due);
  /// O(1); a timer that is in no wheel is left alone.
  static void remove(Timer& timer) { timer.unlink(); }

  /// Takes out one timer that is due at `now`, or returns null. Call until null.
  Timer* pop_due(Instant now);

  /// The moment at which pop_due has work to do, or nothing if no timer waits. May be earlier than
  /// the next due time (when a coarser slot must be looked at), never later.
  std::optional<Instant> next_due();

 private:
  static constexpr int tick_shift = 20;
  static constexpr int slot_bits = 6;
  static constexpr std::size_t slots = std::size_t{1} << slot_bits;
  static constexpr std::size_t levels = 6;  // 2^36 ticks: two years

  struct Level {
    std::uint64_t occupied = 0;  // a set bit may be stale: its slot emptied by removal
    std::array<IntrusiveList<Timer>, slots> slot;
  };
  struct NextSlot {
    std::size_t level;
    std::size_t slot;
    std::uint64_t tick;  // when the slot begins
  };

  static std::uint64_t floor_tick(Instant at) {
    return static_cast<std::uint64_t>(at.since_start.count()) >> tick_shift;
  }
  static std::uint64_t ceil_tick(Instant at) {
    auto mask = (std::uint64_t{1} << tick_shift) - 1;
    return (static_cast<std::uint64_t>(at.since_start.count()) + mask) >> tick_shift;
  }

  void place(Timer& timer);
  std::optional<NextSlot> next_slot();
  void open(const NextSlot& next);

  std::uint64_t now_tick_;
  std::array<Level, levels> level_;
  IntrusiveList<Timer> due_now_;
};

}  // namespace gg
