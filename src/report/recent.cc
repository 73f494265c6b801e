// SPDX-License-Identifier: Apache-2.0
#include "report/recent.h"

namespace gg {
namespace {

Duration end_of(std::size_t bucket) {
  // The last one has no end: its begin is as much as is known.
  std::size_t known = bucket + 1 == Histogram::buckets ? bucket - 1 : bucket;
  return std::chrono::microseconds(static_cast<std::int64_t>(Histogram::bound_of(known)));
}

Percentiles percentiles(const TimingCounts& now, const TimingCounts& before) {
  Percentiles result;
  for (std::size_t i = 0; i < now.counts.size(); ++i)
    result.count += now.counts[i] - before.counts[i];
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < now.counts.size() && seen < result.count; ++i) {
    std::uint64_t earlier = seen;
    seen += now.counts[i] - before.counts[i];
    auto passes = [&](std::uint64_t hundredths) {
      std::uint64_t wanted = (result.count * hundredths + 99) / 100;
      return earlier < wanted && seen >= wanted;
    };
    if (passes(50)) result.half = end_of(i);
    if (passes(95)) result.most = end_of(i);
    if (passes(99)) result.nearly_all = end_of(i);
  }
  return result;
}

double per_second(std::uint64_t now, std::uint64_t before, double seconds) {
  return static_cast<double>(now - before) / seconds;
}

double seconds_between(const TrafficTotals& before, const TrafficTotals& now) {
  return std::chrono::duration<double>(now.at - before.at).count();
}

}  // namespace

void Recent::add(const TrafficTotals& totals) {
  if (!totals_.empty()) {
    const TrafficTotals& before = totals_.back();
    double seconds = seconds_between(before, totals);
    if (seconds <= 0) return;
    constexpr auto whole = static_cast<std::size_t>(Timing::total);
    Percentiles times = percentiles(totals.timings[whole], before.timings[whole]);
    points_.push_back({.at = totals.wall,
                       .requests = per_second(totals.requests, before.requests, seconds),
                       .errors = per_second(totals.errors, before.errors, seconds),
                       .rescued = per_second(totals.rescued, before.rescued, seconds),
                       .half = times.half,
                       .nearly_all = times.nearly_all});
  }
  totals_.push_back(totals);
  if (totals_.size() > window + 1) totals_.pop_front();
  if (points_.size() > points_most) points_.pop_front();
}

RecentFigures Recent::figures() const {
  RecentFigures figures;
  if (totals_.size() < 2) return figures;
  const TrafficTotals& first = totals_.front();
  const TrafficTotals& last = totals_.back();
  figures.seconds = seconds_between(first, last);
  figures.requests = per_second(last.requests, first.requests, figures.seconds);
  figures.errors = per_second(last.errors, first.errors, figures.seconds);
  figures.rescued = per_second(last.rescued, first.rescued, figures.seconds);
  for (std::size_t i = 0; i < timing_count; ++i) {
    figures.stages[i] = percentiles(last.timings[i], first.timings[i]);
  }
  return figures;
}

std::string_view name_of(Timing timing) {
  switch (timing) {
    case Timing::queue:
      return "queue";
    case Timing::connect:
      return "connect";
    case Timing::tls:
      return "tls";
    case Timing::first_byte:
      return "first_byte";
    case Timing::total:
      return "total";
  }
  return "";
}

}  // namespace gg
