// SPDX-License-Identifier: Apache-2.0
#include "engine/timers.h"

#include <bit>

namespace gg {

void TimerWheel::add(Timer& timer, Instant due) {
  timer.due_ = due;
  timer.tick_ = ceil_tick(due);
  place(timer);
}

void TimerWheel::place(Timer& timer) {
  if (timer.tick_ <= now_tick_) {
    due_now_.push_back(timer);
    return;
  }
  // The highest group of bits in which the due tick differs from now decides how coarse the slot
  // is in which the timer waits for the first time.
  std::uint64_t different = timer.tick_ ^ now_tick_;
  auto level = static_cast<std::size_t>((63 - std::countl_zero(different)) / slot_bits);
  if (level >= levels) level = levels - 1;
  std::size_t slot = (timer.tick_ >> (level * slot_bits)) & (slots - 1);
  level_[level].slot[slot].push_back(timer);
  level_[level].occupied |= std::uint64_t{1} << slot;
}

std::optional<TimerWheel::NextSlot> TimerWheel::next_slot() {
  for (std::size_t i = 0; i < levels; ++i) {
    Level& level = level_[i];
    std::size_t shift = i * slot_bits;
    while (level.occupied != 0) {
      auto position = static_cast<int>((now_tick_ >> shift) & (slots - 1));
      // Rotated so that the slot after the current one comes first.
      std::uint64_t ahead = std::rotr(level.occupied, (position + 1) % 64);
      int distance = std::countr_zero(ahead) + 1;
      std::size_t slot = static_cast<std::size_t>(position + distance) % slots;
      if (level.slot[slot].empty()) {
        level.occupied &= ~(std::uint64_t{1} << slot);
        continue;
      }
      std::uint64_t tick = ((now_tick_ >> shift) + static_cast<std::uint64_t>(distance)) << shift;
      return NextSlot{.level = i, .slot = slot, .tick = tick};
    }
  }
  return std::nullopt;
}

void TimerWheel::open(const NextSlot& next) {
  now_tick_ = next.tick;
  Level& level = level_[next.level];
  level.occupied &= ~(std::uint64_t{1} << next.slot);
  IntrusiveList<Timer>& slot = level.slot[next.slot];
  // Timers beyond the last level's reach come back to the same slot: stop at the first seen again.
  std::size_t count = 0;
  slot.for_each([&count](Timer&) { ++count; });
  for (; count > 0; --count) {
    Timer& timer = slot.front();
    timer.unlink();
    place(timer);
  }
}

Timer* TimerWheel::pop_due(Instant now) {
  while (due_now_.empty()) {
    std::uint64_t target = floor_tick(now);
    std::optional<NextSlot> next = next_slot();
    if (!next || next->tick > target) {
      // No occupied slot begins before it, so the wheel may stand there.
      if (target > now_tick_) now_tick_ = target;
      return nullptr;
    }
    open(*next);
  }
  Timer& timer = due_now_.front();
  timer.unlink();
  return &timer;
}

std::optional<Instant> TimerWheel::next_due() {
  if (!due_now_.empty())
    return Instant{Duration(static_cast<std::int64_t>(now_tick_ << tick_shift))};
  std::optional<NextSlot> next = next_slot();
  if (!next) return std::nullopt;
  return Instant{Duration(static_cast<std::int64_t>(next->tick << tick_shift))};
}

}  // namespace gg
