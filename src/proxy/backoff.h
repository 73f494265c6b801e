// SPDX-License-Identifier: Apache-2.0
// How long to wait before another attempt. Pure; asked by Course.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/rng.h"
#include "base/time.h"

namespace gg {

struct BackoffQuestion {
  bool pool_is_in_trouble = false;
  std::uint32_t waits_before = 0;  // of this exchange
  Duration time_left{};            // of this exchange
};

/// The longest wait; zero: none at all. Where only an endpoint fails another one is asked at once.
/// Where the whole upstream does, the next attempts of everybody would meet it together again, and
/// it has more of a chance a little later. No wait takes half of the time that is left.
constexpr Duration longest_backoff(const BackoffQuestion& question) {
  constexpr Duration first = 25ms;
  constexpr Duration most = 250ms;
  if (!question.pool_is_in_trouble) return Duration::zero();
  Duration wait = std::min(first * (1 << std::min(question.waits_before, 10U)), most);
  return wait < question.time_left / 2 ? wait : Duration::zero();
}

/// Anything up to the longest wait ("full jitter"), so that those who failed together come apart.
inline Duration backoff(const BackoffQuestion& question, Rng& rng) {
  auto longest = static_cast<std::uint64_t>(longest_backoff(question).count());
  if (longest == 0) return Duration::zero();
  return Duration(static_cast<Duration::rep>(rng.below(longest)));
}

}  // namespace gg
