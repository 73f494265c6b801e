// SPDX-License-Identifier: Apache-2.0
// Single lines of the Prometheus text format: families, samples, histograms. Used by metrics.cc.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "record/histogram.h"

namespace gg {

struct Label {
  std::string_view name;
  std::string_view value;
};

/// What a sample is called. Labels without a name are not there.
struct Series {
  std::string_view metric;
  std::array<Label, 3> labels{};
};

/// "# HELP" and "# TYPE".
void write_family(std::string& out, std::string_view name, std::string_view help,
                  std::string_view type);

void write_sample(std::string& out, const Series& series, std::uint64_t value);
void write_sample(std::string& out, const Series& series, std::int64_t value);
/// Microseconds, written as seconds with six decimals.
void write_seconds(std::string& out, const Series& series, std::int64_t microseconds);

/// Several histograms added up, in the buckets that are exposed: one per doubling.
class HistogramSum {
 public:
  static constexpr std::size_t bounds = Histogram::octaves + 1;

  void add(const Histogram& histogram);
  /// How many were shorter than bound_of(index) microseconds.
  std::uint64_t below(std::size_t index) const { return below_[index]; }
  static std::uint64_t bound_of(std::size_t index);
  std::uint64_t count() const { return count_; }
  std::uint64_t sum_nanoseconds() const { return sum_nanoseconds_; }

 private:
  std::array<std::uint64_t, bounds> below_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_nanoseconds_ = 0;
};

/// The _bucket, _sum and _count samples, in seconds.
void write_histogram(std::string& out, std::string_view metric, Label label,
                     const HistogramSum& sum);

}  // namespace gg
