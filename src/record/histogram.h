// SPDX-License-Identifier: Apache-2.0
// Durations in fixed buckets on a logarithmic scale: O(1) to add, no allocation, summed by adding.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "record/tally.h"

namespace gg {

/// Four buckets per doubling from 64 us to 134 s, one below and one above: a quantile is off by at
/// most a quarter. Written by one thread, readable by any.
class Histogram {
 public:
  static constexpr std::size_t octaves = 21;
  static constexpr std::size_t steps_per_octave = 4;
  /// The bucket of durations below 64 us, those between, and the one of 134.2 s and more.
  static constexpr std::size_t buckets = octaves * steps_per_octave + 2;

  void add(Duration duration) {
    buckets_[bucket_of(duration)].add();
    sum_nanoseconds_.add(duration.count() > 0 ? static_cast<std::uint64_t>(duration.count()) : 0);
  }

  std::uint64_t count_in(std::size_t bucket) const { return buckets_[bucket].read(); }
  std::uint64_t sum_nanoseconds() const { return sum_nanoseconds_.read(); }

  /// Which bucket `duration` falls into; durations are cut to whole microseconds.
  static constexpr std::size_t bucket_of(Duration duration) {
    std::int64_t count = duration.count() / 1000;
    if (count < smallest) return 0;
    auto microseconds = static_cast<std::uint64_t>(count);
    auto octave = static_cast<std::size_t>(std::bit_width(microseconds)) - 1;
    if (octave >= first_octave + octaves) return buckets - 1;
    std::size_t step = (microseconds >> (octave - 2)) & (steps_per_octave - 1);
    return 1 + (octave - first_octave) * steps_per_octave + step;
  }

  /// The exclusive upper bound of `bucket` in microseconds. `bucket` is not the last one.
  static constexpr std::uint64_t bound_of(std::size_t bucket) {
    std::size_t octave = bucket / steps_per_octave;
    std::uint64_t steps = steps_per_octave + bucket % steps_per_octave;
    return (steps << (first_octave + octave)) / steps_per_octave;
  }

 private:
  static constexpr std::int64_t smallest = 64;  // microseconds
  static constexpr std::size_t first_octave = 6;

  std::array<Tally, buckets> buckets_;
  Tally sum_nanoseconds_;
};

}  // namespace gg
