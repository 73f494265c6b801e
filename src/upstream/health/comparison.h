// SPDX-License-Identifier: Apache-2.0
// Is an endpoint far worse than the others of its upstream? Pure: all from what one worker's
// windows show.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/time.h"
#include "upstream/health/health_cell.h"

namespace gg {

/// Of one endpoint, over its window.
struct EndpointFigures {
  std::uint32_t attempts = 0;
  std::uint32_t bad = 0;
  std::uint32_t timed = 0;
  Duration median{};        // of the timed ones
  bool is_in = true;        // neither out nor draining: the others are measured by it
  std::uint32_t level = 0;  // of its upstream: one further away may well be slower
};

namespace comparison {
/// Fewer say nothing.
inline constexpr std::uint32_t attempts_least = 10;
inline constexpr std::uint32_t bad_least = 5;
/// By how much more of its attempts have to fail, as a share.
inline constexpr double rate_excess = 0.25;
/// How many times slower, and by how much at least.
inline constexpr int slower_times = 5;
inline constexpr Duration slower_by = 10ms;
/// One that was too slow is well again at less than this many times the others' time.
inline constexpr int well_again_times = 3;
}  // namespace comparison

struct ComparisonVerdict {
  HealthReason why = HealthReason::none;  // failure_rate, slow, or none
  HealthFigures figures;                  // as the reason's text wants them
};

/// Made once for all endpoints, then asked for each.
class Comparison {
 public:
  /// `all` outlives it.
  explicit Comparison(std::span<const EndpointFigures> all);

  ComparisonVerdict verdict(std::size_t which) const;
  /// The middle of the medians of those others that should not be faster: of its own level and of
  /// later ones. Zero if too little is known of them.
  Duration others_median(std::size_t which) const;

 private:
  /// Medians of more endpoints than this add nothing to the middle of them.
  static constexpr std::size_t known_most = 64;

  std::span<const EndpointFigures> all_;
  std::uint32_t attempts_ = 0;  // of those that are in
  std::uint32_t bad_ = 0;
  std::array<std::size_t, known_most> known_;  // whose medians are known
  std::size_t known_count_ = 0;
};

/// An answer that takes longer than this is slow; zero: there is nothing to compare with.
constexpr Duration slow_from(Duration others) {
  if (others <= Duration::zero()) return Duration::zero();
  return comparison::well_again_times * others + comparison::slower_by;
}

}  // namespace gg
