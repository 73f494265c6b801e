// SPDX-License-Identifier: Apache-2.0
// How long an upstream's responses take, as percentiles of the last seconds: tells hedging when a
// wait has become unusual. Pure; one per upstream and worker.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace gg {

/// Two windows of counts in buckets a quarter of an octave wide (so a percentile is at most 19 %
/// above the truth): one fills, the one before still counts. No allocation; observe() is a few
/// instructions, percentile() looks at the buckets once in a while only.
class ResponseTimes {
 public:
  static constexpr Duration window = 5s;
  static constexpr std::uint32_t enough_samples = 20;

  void observe(Duration sample, Instant now) {
    move_to(now);
    ++counts_[newest_][bucket_of(sample)];
    ++samples_[newest_];
  }

  /// The percentile (1 to 99), or zero while there are too few samples to tell.
  Duration percentile(std::uint32_t percent, Instant now) {
    bool is_unknown = cached_ == Duration::zero();
    if (is_unknown || now >= next_look_ || percent != cached_percent_) {
      move_to(now);
      cached_ = compute(percent);
      cached_percent_ = percent;
      next_look_ = now + look_interval;
    }
    return cached_;
  }

 private:
  static constexpr Duration look_interval = 100ms;
  static constexpr std::size_t steps = 4;             // per octave
  static constexpr std::size_t buckets = 32 * steps;  // of microseconds: up to an hour and more

  static std::size_t bucket_of(Duration sample) {
    auto us = static_cast<std::uint64_t>(std::max<Duration::rep>(sample.count() / 1000, steps));
    auto octave = static_cast<std::size_t>(std::bit_width(us)) - 1;  // at least 2
    std::size_t step = static_cast<std::size_t>(us >> (octave - 2)) & (steps - 1);
    return std::min((octave - 2) * steps + step, buckets - 1);
  }
  /// Where a bucket ends.
  static Duration end_of(std::size_t bucket) {
    std::size_t octave = bucket / steps + 2;
    std::uint64_t us = (steps + bucket % steps + 1) << (octave - 2);
    return std::chrono::microseconds(us);
  }

  void move_to(Instant now) {
    std::int64_t number = now.since_start / window;
    if (number == number_) return;
    bool is_next = number == number_ + 1;
    newest_ ^= 1;
    counts_[newest_].fill(0);
    samples_[newest_] = 0;
    if (!is_next) {
      counts_[newest_ ^ 1].fill(0);
      samples_[newest_ ^ 1] = 0;
    }
    number_ = number;
  }

  Duration compute(std::uint32_t percent) const {
    std::uint64_t all = std::uint64_t{samples_[0]} + samples_[1];
    if (all < enough_samples) return Duration::zero();
    std::uint64_t rank = (all * percent + 99) / 100;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets; ++i) {
      seen += counts_[0][i] + counts_[1][i];
      if (seen >= rank) return end_of(i);
    }
    return end_of(buckets - 1);
  }

  std::int64_t number_ = 0;  // of the window that fills
  std::size_t newest_ = 0;
  std::array<std::array<std::uint32_t, buckets>, 2> counts_{};
  std::array<std::uint32_t, 2> samples_{};
  std::uint32_t cached_percent_ = 0;
  Duration cached_{};
  Instant next_look_{};
};

}  // namespace gg
