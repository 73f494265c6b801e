// SPDX-License-Identifier: Apache-2.0
#include "diagnose/logs/time_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace gg {
namespace {

constexpr std::uint64_t fewest = 4;     // below, no pattern is claimed
constexpr std::size_t beats_least = 4;  // bursts that make a rhythm
constexpr std::int64_t moment = 2000;   // ms

std::int64_t floor_to(std::int64_t second, std::int64_t width) {
  std::int64_t rest = second % width;
  return second - (rest < 0 ? rest + width : rest);
}

}  // namespace

void TimePattern::add(LogTime at) {
  if (at == 0) return;
  std::int64_t second = at / 1000;
  if (count_ == 0) start_ = second;
  while (true) {
    std::int64_t low = std::min(start_, floor_to(second, width_));
    std::int64_t high = count_ == 0 ? second : std::max(last_ / 1000, second);
    if (high - low < width_ * static_cast<std::int64_t>(bucket_count)) break;
    widen();
  }
  if (second < start_) {  // make room in front
    std::int64_t wanted = floor_to(second, width_);
    auto shift = static_cast<std::size_t>((start_ - wanted) / width_);
    std::shift_right(buckets_.begin(), buckets_.end(), static_cast<std::ptrdiff_t>(shift));
    std::fill_n(buckets_.begin(), std::min(shift, bucket_count), 0U);
    start_ = wanted;
  }
  ++buckets_[static_cast<std::size_t>((second - start_) / width_)];
  first_ = count_ == 0 ? at : std::min(first_, at);
  last_ = std::max(last_, at);
  ++count_;
}

void TimePattern::widen() {
  std::int64_t wider = width_ * 2;
  std::int64_t aligned = floor_to(start_, wider);
  std::array<std::uint32_t, bucket_count> merged{};
  for (std::size_t i = 0; i < bucket_count; ++i) {
    std::int64_t second = start_ + static_cast<std::int64_t>(i) * width_;
    auto place = static_cast<std::size_t>((second - aligned) / wider);
    if (place < bucket_count) merged[place] += buckets_[i];
  }
  buckets_ = merged;
  start_ = aligned;
  width_ = wider;
}

std::string TimePattern::bursts() const {
  // Buckets that follow each other, or with one empty between, are one burst.
  std::vector<std::int64_t> starts;
  std::size_t used = 0;
  std::size_t last_used = 0;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    if (buckets_[i] == 0) continue;
    ++used;
    if (starts.empty() || i > last_used + 2) starts.push_back(static_cast<std::int64_t>(i));
    last_used = i;
  }
  auto span = static_cast<std::size_t>((last_ / 1000 - start_) / width_) + 1;
  if (starts.size() >= beats_least) {
    std::vector<std::int64_t> gaps;
    for (std::size_t i = 1; i < starts.size(); ++i) gaps.push_back(starts[i] - starts[i - 1]);
    auto [shortest, longest] = std::ranges::minmax(gaps);
    std::int64_t mean = (starts.back() - starts.front()) / static_cast<std::int64_t>(gaps.size());
    bool is_regular = longest - shortest <= std::max<std::int64_t>(2, mean / 8) && shortest >= 4;
    if (is_regular) return fmt::format("every {} s", mean * width_);
  }
  bool is_sparse = used * 4 < span;
  if (is_sparse && starts.size() > 1 && starts.size() <= 20 && count_ >= 4 * starts.size()) {
    return fmt::format("in {} bursts", starts.size());
  }
  return is_sparse ? "scattered" : "steady";
}

std::string TimePattern::words() const {
  if (count_ == 0) return {};
  if (count_ > 1 && last_ - first_ <= moment) {
    return fmt::format("all at {}", format_log_time(first_));
  }
  if (count_ < fewest) return {};
  return bursts();
}

}  // namespace gg
