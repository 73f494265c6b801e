// SPDX-License-Identifier: Apache-2.0
// One endpoint's health as all threads share it, of this process and of those before and after it:
// plain atomics in memory that may be shared between processes.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/time.h"
#include "fault/fault.h"
#include "upstream/health/health_state.h"

namespace gg {

/// What a change was decided on; which numbers these are depends on the reason (health_text.h).
struct HealthFigures {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  bool operator==(const HealthFigures&) const = default;
};

/// A time as one of the figures; the longest is an hour and a bit.
constexpr std::uint32_t figure_of(Duration time) {
  return static_cast<std::uint32_t>(std::min<std::int64_t>(time.count() / 1000, UINT32_MAX));
}

/// Any thread; no lock. All zero is an endpoint of which nothing is known.
struct alignas(64) HealthCell {
  std::atomic<std::uint64_t> key{0};   // what it is about; 0: free
  std::atomic<std::uint64_t> word{0};  // a packed HealthState
  std::atomic<std::uint64_t> figures{0};
  std::atomic<std::uint64_t> fault{0};       // the Fault behind the last change, or none
  std::atomic<std::uint64_t> changed_ms{0};  // when the standing changed last, monotonic
  std::atomic<std::uint64_t> ejections{0};
  std::atomic<std::uint64_t> checks_passed{0};
  std::atomic<std::uint64_t> checks_failed{0};
  std::atomic<std::uint64_t> weight{0};  // that an operator gave it; 0: the configured one
};
static_assert(sizeof(HealthCell) == 128, "what every choice reads stands in the first line");
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "it is shared between processes");

}  // namespace gg
