// SPDX-License-Identifier: Apache-2.0
#include "upstream/admission/adaptive_limit.h"

#include <algorithm>

namespace gg {

namespace {

/// Several workers begin with it; where it is too low, one round of answers tells.
constexpr double first_limit = 4;
constexpr double lowest_limit = 2;
constexpr double highest_limit = 1'000'000;
/// With fewer in flight nobody is in anybody's way that it would be worth refusing requests for.
constexpr double least_load = 5;
constexpr double least_aim = 25e6;
/// What an answer that came near `best`, sent at the limit, adds to it.
constexpr double growth = 0.75;
/// Answers in a group at least, and the time it spans: a stall of this machine is one group.
constexpr std::uint32_t group_size = 4;
constexpr std::uint32_t test_group_size = 8;
constexpr double group_time_min = 5e6;
constexpr double group_time_max = 50e6;
/// Slow groups in a row that are evidence.
constexpr std::uint32_t evidence = 3;
constexpr std::uint32_t evidence_under_load = 2;
/// What is slower than this by the time anybody notices is not tested: it takes too long.
constexpr double longest_test = 2e9;
constexpr Duration test_interval = 10s;
constexpr Duration futile_interval = 2s;
constexpr Duration calm_time = 300ms;
constexpr Duration shortest_silence = 250ms;
constexpr Duration relenting_interval = 100ms;

double to_double(Duration time) { return static_cast<double>(time.count()); }

bool is_within(Instant last, Duration span, Instant now) {
  return last != Instant{} && now - last < span;
}

}  // namespace

AdaptiveLimit::AdaptiveLimit() : limit_(first_limit) {}

bool AdaptiveLimit::is_silent(Instant now) const {
  bool is_known = best_ != 0;
  return is_known && now - last_answer_ > std::max(3 * bearable(), shortest_silence);
}

double AdaptiveLimit::aim() const { return std::max(best_ / 2, least_aim); }

void AdaptiveLimit::set_limit(double limit) {
  limit_ = std::clamp(limit, lowest_limit, highest_limit);
}

void AdaptiveLimit::be_told(Duration quickest) {
  best_ = usual_ = mean_ = std::max(to_double(quickest), 1.0);
}

bool AdaptiveLimit::is_quick(Duration time) const { return to_double(time) <= best_ * 1.1; }

Duration AdaptiveLimit::without_doubt(Duration time, Duration lag) const {
  if (best_ == 0) return time;
  auto best = Duration(static_cast<Duration::rep>(best_));
  return std::max(time - lag, std::min(time, best));
}

bool AdaptiveLimit::observe(const Sample& sample, Instant now) {
  last_answer_ = now;
  std::uint32_t before = limit();
  double time = std::max(to_double(sample.time), 1.0);
  double in_flight = sample.in_flight;
  if (best_ == 0) best_ = usual_ = mean_ = time;
  learn(time, in_flight);

  bool at_the_limit = in_flight * 4 >= limit_ * 3;
  bool is_quick = time - best_ <= aim() / 2;
  if (at_the_limit) last_bound_ = now;
  if (time - best_ > aim() && is_loaded(in_flight)) last_slow_ = now;
  if (is_quick && at_the_limit && phase_ == Phase::steady && !congested_) {
    set_limit(limit_ + growth);
  }

  if (phase_ == Phase::emptying) {
    if (sample.still_there <= limit_) {
      phase_ = Phase::measuring;
      test_began_ = now;
      group_ = {};
    }
    return limit() != before;
  }
  bool counts = phase_ == Phase::steady || now - sample.time >= test_began_;
  if (!counts) return limit() != before;
  if (group_.count == 0) group_.began = now;
  if (group_.count == 0 || time < group_.quickest) {
    group_.quickest = time;
    group_.in_flight = in_flight;
  }
  group_.sum += time;
  group_.in_flight_sum += in_flight;
  ++group_.count;
  double least_time = std::clamp(best_ / 8, group_time_min, group_time_max);
  bool is_full = group_.count >= (phase_ == Phase::steady ? group_size : test_group_size) &&
                 to_double(now - group_.began) >= least_time;
  if (is_full) {
    Group full = group_;
    group_ = {};
    end_group(full, now);
  }
  return limit() != before;
}

void AdaptiveLimit::learn(double time, double in_flight) {
  mean_ += (time - mean_) / 12;
  mean_in_flight_ += (in_flight - mean_in_flight_) / 12;
  if (!is_loaded(in_flight) && !congested_) usual_ += (time - usual_) / 32;
}

void AdaptiveLimit::end_group(const Group& group, Instant now) {
  if (group.quickest < best_) best_ += (group.quickest - best_) / 2;
  if (phase_ == Phase::measuring) {
    end_test(group, now);
    return;
  }
  // What has become so much quicker has recovered: no need to forget slowly what was before.
  double mean = group.sum / group.count;
  if (mean < mean_ / 2) {
    mean_ = mean;
    mean_in_flight_ = group.in_flight_sum / group.count;
  }
  double extra = group.quickest - best_;
  bool is_idle = group.in_flight * 2 < limit_;
  if (is_idle && !congested_ && extra <= aim()) best_ += extra / 64;
  if (extra <= aim() / 2) good_in_flight_ += (group.in_flight - good_in_flight_) / 4;
  if (extra > aim()) {
    note_slow(group, now);
  } else {
    slow_groups_ = loaded_groups_ = 0;
  }
  if (congested_ && phase_ == Phase::steady) steer(now);
}

void AdaptiveLimit::note_slow(const Group& group, Instant now) {
  ++slow_groups_;
  if (is_loaded(group.in_flight)) ++loaded_groups_;
  if (congested_) return;
  bool by_load = loaded_groups_ == slow_groups_;
  if (slow_groups_ < (by_load ? evidence_under_load : evidence)) return;
  if (group.in_flight < least_load) return;
  slow_groups_ = loaded_groups_ = 0;
  if (by_load) {
    congested_ = true;
    last_test_ = now;
    tested_limit_ = std::min(limit_, group.in_flight);
    set_limit(std::min(limit_, group.in_flight * (best_ + aim()) / group.quickest));
    return;
  }
  if (group.quickest > longest_test) best_ = group.quickest;
  if (group.quickest > longest_test || is_within(last_test_, futile_interval, now)) return;
  double target = group.in_flight * (best_ + aim()) / group.quickest;
  begin_test(std::clamp(target, group.in_flight / 2, group.in_flight * 0.7), now);
}

void AdaptiveLimit::begin_test(double limit, Instant now) {
  before_limit_ = limit_;
  before_mean_ = mean_;
  before_in_flight_ = mean_in_flight_;
  set_limit(std::min(limit, limit_));
  phase_ = Phase::emptying;
  last_test_ = now;
}

/// With fewer in flight: did it help?
void AdaptiveLimit::end_test(const Group& group, Instant now) {
  phase_ = Phase::steady;
  last_test_ = now;
  double mean = group.sum / group.count;
  double share = group.in_flight_sum / group.count / before_in_flight_;
  bool too_little_changed = share > 0.85;
  if (too_little_changed) {
    set_limit(before_limit_);
    return;
  }
  bool helped = mean < before_mean_ * (1 - 0.4 * (1 - share));
  if (helped) {
    usual_ = std::min(usual_, mean);
    double target = before_in_flight_ * (usual_ + aim()) / before_mean_;
    set_limit(std::clamp(target, limit_, before_limit_));
  } else {
    usual_ = mean;
    best_ = group.quickest;
    set_limit(before_limit_);
  }
  congested_ = helped;
  tested_limit_ = limit_;
  mean_ = std::min(mean_, usual_ + aim());
  mean_in_flight_ = limit_;
}

/// Keeps answers bearable while there is more to do than can be done.
void AdaptiveLimit::steer(Instant now) {
  if (!is_within(last_bound_, calm_time, now)) {
    congested_ = false;
    return;
  }
  double target = mean_in_flight_ * (usual_ + aim()) / mean_;
  // Small numbers round down: where nobody is felt to wait, one more is worth trying, at once.
  bool is_at_ease = mean_ - usual_ <= aim() / 2;
  if (is_at_ease) set_limit(std::max(limit_, mean_in_flight_ + 1.5));
  set_limit(limit_ + (target - limit_) / 4);
  bool is_doubtful = limit_ < tested_limit_ / 2;
  if (is_doubtful || !is_within(last_test_, test_interval, now)) {
    begin_test(0.7 * mean_in_flight_ * std::min(usual_ / mean_, 1.0), now);
  }
}

bool AdaptiveLimit::press(const Press& by, Instant now) {
  if (!is_within(pressed_last_, 50ms, now)) {
    pressed_since_ = now;
    pressed_limit_ = limit_;
    quiet_steps_ = 0;
  }
  pressed_last_ = now;
  bool waits_for_long = !by.is_overload && by.waited >= by.most / 2;
  if (waits_for_long && phase_ != Phase::steady) return give_up_test(now);
  if (waits_for_long && by.are_few) return relent(now);
  if (congested_ || phase_ != Phase::steady) return false;

  Duration step =
      best_ == 0 ? Duration(50ms) : std::clamp(bearable(), Duration(25ms), Duration(125ms));
  if (now - pressed_since_ < step) return false;
  bool has_grown = limit_ >= pressed_limit_ * 1.3;
  pressed_since_ = now;
  pressed_limit_ = limit_;
  if (is_delayed() && !has_grown) {
    quiet_steps_ = 0;
    congested_ = true;
    last_test_ = last_bound_ = now;
    tested_limit_ = limit_;
    return true;
  }
  bool is_quiet = !has_grown && !is_within(last_slow_, 2 * step, now) && !is_silent(now);
  quiet_steps_ = is_quiet ? quiet_steps_ + 1 : 0;
  if (quiet_steps_ < 2) return false;
  quiet_steps_ = 0;
  pressed_limit_ = limit_ * 2;
  set_limit(pressed_limit_);
  return true;
}

/// Rather too many there than anybody refused for the sake of a test.
bool AdaptiveLimit::give_up_test(Instant now) {
  phase_ = Phase::steady;
  best_ = usual_ = before_mean_;
  last_test_ = now;
  set_limit(before_limit_);
  return true;
}

/// What a few requests show is no proof: they may be slow by nature.
bool AdaptiveLimit::relent(Instant now) {
  if (is_within(relented_, relenting_interval, now)) return false;
  relented_ = now;
  if (congested_) best_ = usual_ = mean_;
  congested_ = false;
  slow_groups_ = loaded_groups_ = 0;
  set_limit(limit_ * 2);
  return true;
}

}  // namespace gg
