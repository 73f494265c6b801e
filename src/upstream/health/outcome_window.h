// SPDX-License-Identifier: Apache-2.0
// How an endpoint's attempts went lately, as one worker saw it: how many, how many badly, and how
// long answers took. What it is compared with the others by.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace gg {

/// The last five to ten seconds, in two halves. A value; pure; no allocation.
class OutcomeWindow {
 public:
  static constexpr Duration half_length = 5s;

  /// `good`: nothing that speaks against the endpoint, as a status of 5xx does.
  void note_answer(Duration time, bool good, Instant now) {
    roll(now);
    Half& half = halves_[current_];
    ++half.attempts;
    if (!good) ++half.bad;
    ++half.timed;
    ++half.times[bucket_of(time)];
  }
  /// It did not answer, or not to the end: `counted` if its answer was noted already.
  void note_fault(bool counted, Instant now) {
    roll(now);
    Half& half = halves_[current_];
    if (!counted) ++half.attempts;
    ++half.bad;
  }

  struct Totals {
    std::uint32_t attempts = 0;
    std::uint32_t bad = 0;
    std::uint32_t timed = 0;  // answers, whose times are known
  };
  Totals totals(Instant now) {
    roll(now);
    return {.attempts = halves_[0].attempts + halves_[1].attempts,
            .bad = halves_[0].bad + halves_[1].bad,
            .timed = halves_[0].timed + halves_[1].timed};
  }
  /// The time that this share of the answers did not exceed, rounded up by at most a half. Zero
  /// without any.
  Duration quantile(double share, Instant now) {
    std::uint32_t timed = totals(now).timed;
    auto wanted = static_cast<std::uint32_t>(share * timed);
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < buckets; ++i) {
      seen += halves_[0].times[i] + halves_[1].times[i];
      if (seen > wanted || (seen == timed && timed > 0)) return upper_end(i);
    }
    return Duration::zero();
  }

 private:
  // Two buckets to each doubling, from 16 us to two minutes.
  static constexpr int unit_bits = 14;
  static constexpr std::size_t buckets = 48;

  struct Half {
    std::uint32_t attempts = 0;
    std::uint32_t bad = 0;
    std::uint32_t timed = 0;
    std::array<std::uint32_t, buckets> times{};
  };

  static std::size_t bucket_of(Duration time) {
    if (time <= Duration::zero()) return 0;
    auto units = static_cast<std::uint64_t>(time.count()) >> unit_bits;
    auto width = static_cast<std::size_t>(std::bit_width(units));
    if (width < 2) return width;
    return std::min(2 * width - 2 + (units >> (width - 2) & 1), buckets - 1);
  }
  static Duration upper_end(std::size_t bucket) {
    if (bucket < 2) return Duration(std::int64_t{1} << (unit_bits + bucket));
    std::size_t width = bucket / 2 + 1;
    std::uint64_t units = (3 + bucket % 2) << (width - 2);
    return Duration(static_cast<std::int64_t>(units << unit_bits));
  }

  void roll(Instant now) {
    if (now < ends_) return;
    bool both_are_old = now >= ends_ + half_length;
    current_ ^= 1;
    halves_[current_] = Half();
    if (both_are_old) halves_[current_ ^ 1] = Half();
    ends_ = now + half_length;
  }

  std::array<Half, 2> halves_;
  std::size_t current_ = 0;
  Instant ends_{};
};

}  // namespace gg
