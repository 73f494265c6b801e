// SPDX-License-Identifier: Apache-2.0
#include "task/frame_pool.h"

#include <array>
#include <cstdlib>

#include "base/assert.h"

namespace gg {

namespace {

constexpr std::size_t step = 64;
constexpr std::size_t pooled_max = 4096;

// Under a sanitizer every frame comes from the system, so that a use after release is seen.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool pooled = false;
#else
constexpr bool pooled = true;
#endif

struct FreeFrame {
  FreeFrame* next;
};

struct FramePool {
  std::array<FreeFrame*, pooled_max / step + 1> free{};
  FrameCounters counters;

  ~FramePool() {
    for (FreeFrame* frame : free) {
      while (frame != nullptr) {
        FreeFrame* next = frame->next;
        std::free(frame);
        frame = next;
      }
    }
  }
};

thread_local FramePool pool;

}  // namespace

void* allocate_frame(std::size_t size) {
  FramePool& mine = pool;
  ++mine.counters.live;
  ++mine.counters.made;
  mine.counters.live_bytes += size;
  if (size > mine.counters.largest) mine.counters.largest = size;

  std::size_t slot = (size + step - 1) / step;
  if (pooled && slot < mine.free.size()) {
    FreeFrame* frame = mine.free[slot];
    if (frame != nullptr) {
      mine.free[slot] = frame->next;
      return frame;
    }
  }
  ++mine.counters.system_allocations;
  void* memory = std::malloc(slot * step);
  GG_ASSERT(memory != nullptr);
  return memory;
}

void release_frame(void* frame, std::size_t size) noexcept {
  FramePool& mine = pool;
  --mine.counters.live;
  mine.counters.live_bytes -= size;

  std::size_t slot = (size + step - 1) / step;
  if (pooled && slot < mine.free.size()) {
    auto* free_frame = static_cast<FreeFrame*>(frame);
    free_frame->next = mine.free[slot];
    mine.free[slot] = free_frame;
    return;
  }
  std::free(frame);
}

const FrameCounters& frame_counters() { return pool.counters; }

}  // namespace gg
