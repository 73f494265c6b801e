// SPDX-License-Identifier: Apache-2.0
#include "upstream/health/comparison.h"

#include <algorithm>

namespace gg {

namespace {

double share(std::uint32_t part, std::uint32_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / whole;
}

std::uint32_t percent(double share) { return static_cast<std::uint32_t>(share * 100 + 0.5); }

}  // namespace

Comparison::Comparison(std::span<const EndpointFigures> all) : all_(all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const EndpointFigures& its = all[i];
    if (!its.is_in) continue;
    attempts_ += its.attempts;
    bad_ += its.bad;
    bool is_known = its.timed >= comparison::attempts_least && known_count_ < known_most;
    if (is_known) known_[known_count_++] = i;
  }
}

Duration Comparison::others_median(std::size_t which) const {
  std::array<Duration, known_most> medians;
  std::size_t count = 0;
  for (std::size_t i = 0; i < known_count_; ++i) {
    const EndpointFigures& other = all_[known_[i]];
    if (known_[i] != which && other.level >= all_[which].level) medians[count++] = other.median;
  }
  if (count == 0) return Duration::zero();
  auto middle = medians.begin() + static_cast<std::ptrdiff_t>((count - 1) / 2);
  std::nth_element(medians.begin(), middle, medians.begin() + static_cast<std::ptrdiff_t>(count));
  return *middle;
}

ComparisonVerdict Comparison::verdict(std::size_t which) const {
  const EndpointFigures& its = all_[which];
  if (its.attempts < comparison::attempts_least) return {};

  std::uint32_t attempts = attempts_ - (its.is_in ? its.attempts : 0);
  std::uint32_t bad = bad_ - (its.is_in ? its.bad : 0);
  double its_rate = share(its.bad, its.attempts);
  double rate = share(bad, attempts);
  bool fails_far_more = attempts >= comparison::attempts_least &&
                        its.bad >= comparison::bad_least &&
                        its_rate >= rate + comparison::rate_excess;
  if (fails_far_more) {
    return {.why = HealthReason::failure_rate,
            .figures = {.first = percent(its_rate), .second = percent(rate)}};
  }

  Duration others = others_median(which);
  bool is_far_slower = its.timed >= comparison::attempts_least && others > Duration::zero() &&
                       its.median >= comparison::slower_times * others &&
                       its.median >= others + comparison::slower_by;
  if (is_far_slower) {
    return {.why = HealthReason::slow,
            .figures = {.first = figure_of(its.median), .second = figure_of(others)}};
  }
  return {};
}

}  // namespace gg
