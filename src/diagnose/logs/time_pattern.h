// SPDX-License-Identifier: Apache-2.0
// When something happened: counts over time in fixed memory, and what they look like.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "diagnose/logs/log_time.h"

namespace gg {

class TimePattern {
 public:
  /// `at` 0 is not counted: the time is unknown. Any order.
  void add(LogTime at);

  LogTime first() const { return first_; }
  LogTime last() const { return last_; }

  /// "all at 21:10:03", "every 30 s", "in 4 bursts", "steady"; empty for too few to say.
  std::string words() const;

 private:
  static constexpr std::size_t bucket_count = 2048;
  void widen();
  std::string bursts() const;

  std::array<std::uint32_t, bucket_count> buckets_{};
  std::int64_t start_ = 0;  // second of the first bucket, a multiple of the width
  std::int64_t width_ = 1;  // seconds of a bucket
  std::uint64_t count_ = 0;
  LogTime first_ = 0;
  LogTime last_ = 0;
};

}  // namespace gg
