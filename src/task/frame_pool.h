// SPDX-License-Identifier: Apache-2.0
// Memory for coroutine frames: per-thread free lists, so that a request in steady state asks the
// system for nothing. The one thread_local of the project (a frame does not know its engine).
#pragma once

#include <cstddef>

namespace gg {

/// What the calling thread's frames have cost so far. Read by tests and metrics.
struct FrameCounters {
  std::size_t live = 0;  // frames in use now
  std::size_t live_bytes = 0;
  std::size_t made = 0;                // frames ever made
  std::size_t system_allocations = 0;  // of those, how many had to ask the system
  std::size_t largest = 0;             // bytes of the largest frame seen
};

/// Any thread; a frame is released on the thread that made it.
void* allocate_frame(std::size_t size);
void release_frame(void* frame, std::size_t size) noexcept;

const FrameCounters& frame_counters();

}  // namespace gg
