// SPDX-License-Identifier: Apache-2.0
// When a worker process that died is started again. Pure: lifetimes in, delays out.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace gg {

/// A worker process that had worked is replaced at once, however often. One that dies young is
/// replaced at once the first time, then after 100 ms doubling to 5 s, until one lasts 30 s.
class RestartPolicy {
 public:
  static constexpr Duration young = 1s;
  static constexpr Duration healthy = 30s;
  static constexpr Duration first_delay = 100ms;
  static constexpr Duration longest_delay = 5s;

  /// How long to wait before the next start. `worked` is the time from ready to death; zero if it
  /// never got ready.
  constexpr Duration after_death(Duration worked) {
    if (worked >= healthy) young_deaths_ = 0;
    if (worked >= young) return Duration::zero();
    ++young_deaths_;
    if (young_deaths_ == 1) return Duration::zero();
    std::uint32_t doublings = std::min(young_deaths_ - 2, 10U);
    return std::min(first_delay * (1U << doublings), longest_delay);
  }

  /// Deaths of young ones since the last that lasted.
  constexpr std::uint32_t young_deaths() const { return young_deaths_; }

 private:
  std::uint32_t young_deaths_ = 0;
};

}  // namespace gg
