// SPDX-License-Identifier: Apache-2.0
// How traffic went lately: rates and percentiles over the last seconds, and the last minutes point
// by point, from counters that only ever grow. Pure; fed once a second by the control thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "base/time.h"
#include "record/counters.h"

namespace gg {

/// Several histograms added up, bucket by bucket.
struct TimingCounts {
  std::array<std::uint64_t, Histogram::buckets> counts{};

  void add(const Histogram& histogram) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += histogram.count_in(i);
  }
};

/// What was counted from the start of the worker process to one moment.
struct TrafficTotals {
  Instant at;
  WallTime wall;
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  std::uint64_t rescued = 0;
  std::array<TimingCounts, timing_count> timings;
};

/// What a share of the times did not exceed: upper bounds of buckets, a quarter too much at most.
struct Percentiles {
  std::uint64_t count = 0;
  Duration half{};
  Duration most{};        // 95 of 100
  Duration nearly_all{};  // 99 of 100
};

struct RecentFigures {
  double seconds = 0;   // that they are of; 0: nothing is known yet
  double requests = 0;  // per second, as are these
  double errors = 0;
  double rescued = 0;
  std::array<Percentiles, timing_count> stages;  // by Timing
};

/// One second of the past.
struct RecentPoint {
  WallTime at;
  double requests = 0;  // per second
  double errors = 0;
  double rescued = 0;
  Duration half{};  // of whole requests
  Duration nearly_all{};
};

class Recent {
 public:
  /// What figures() are about.
  static constexpr std::size_t window = 10;
  static constexpr std::size_t points_most = 300;

  /// Once a second, in order.
  void add(const TrafficTotals& totals);

  RecentFigures figures() const;
  const std::deque<RecentPoint>& points() const { return points_; }

 private:
  std::deque<TrafficTotals> totals_;  // the last window + 1, the latest at the end
  std::deque<RecentPoint> points_;    // likewise
};

/// "queue", "connect", "tls", "first_byte", "total".
std::string_view name_of(Timing timing);

}  // namespace gg
