// SPDX-License-Identifier: Apache-2.0
#include "upstream/keep_alive_guard.h"

#include <algorithm>
#include <bit>

namespace gg {

namespace {

constexpr Duration doubt_lasts = 1min;
constexpr Duration shortest_avoidance = 1s;
constexpr Duration longest_avoidance = 1min;
/// A connection closed sooner was not idle too long: its endpoint stopped, or meant to keep it for
/// so many requests only.
constexpr Duration shortest_life = 100ms;
/// Shorter idle times are all alike: no endpoint has a timeout there.
constexpr Duration no_idle_time = shortest_life / 2;
/// Where a connection has served as many, the number is no longer what it might be closed for.
constexpr std::uint32_t many_requests = 32;
/// Closes nearer to each other than this may have one cause, such as a restart.
constexpr Duration apart = 1s;

Duration grain_of(Duration life) { return std::max(life / 4, shortest_life); }

/// Could both be the same timeout, seen twice?
bool are_alike(Duration a, Duration b) {
  Duration difference = a < b ? b - a : a - b;
  return difference <= std::max(std::max(a, b) / 8, Duration(50ms));
}

std::int64_t minute_of(Instant at) { return at.since_start / Duration(1min); }

}  // namespace

Duration usable_part_of(Duration life) {
  if (life == Duration::max()) return life;
  Duration least = std::min(life / 2, Duration(100ms));
  return life - std::clamp(life / 4, least, Duration(1s));
}

/// Some servers count down (Apache), others repeat the total (Node). What does not fall from one
/// response to the next is a total.
void AnnouncedTerms::observe(const KeepAliveTerms& terms, std::uint32_t requests) {
  timeout_ = terms.timeout.value_or(Duration::max());
  bool is_total = terms.max && last_max_ != no_max && *terms.max >= last_max_;
  last_max_ = terms.max.value_or(no_max);
  if (last_max_ == no_max) {
    requests_max_ = no_max;
  } else if (is_total) {
    requests_max_ = last_max_;
  } else {
    requests_max_ = last_max_ < no_max - requests ? requests + last_max_ : no_max;
  }
}

KeepAliveGuard::Verdict KeepAliveGuard::judge(ConnectionNeed need, const Idle& idle,
                                              Instant now) const {
  if (idle.age >= usable_part_of(std::min(life_, idle.announced))) return Verdict::too_old;
  if (need == ConnectionNeed::any) return now < avoid_until_ ? Verdict::avoided : Verdict::lend;
  return is_proven(idle, now) ? Verdict::lend : Verdict::unproven;
}

bool KeepAliveGuard::is_proven(const Idle& idle, Instant now) const {
  bool is_tried = most_requests_ >= many_requests || idle.requests < most_requests_;
  if (now < doubted_until_ || !is_tried || idle.requests >= requests_max_) return false;
  std::int64_t number = minute_of(now);
  return std::ranges::any_of(minutes_, [&](const Minute& minute) {
    return minute.number >= number - 1 && idle.age <= minute.ages.back();
  });
}

void KeepAliveGuard::observe_lent(Instant now) {
  if (avoid_for_ == Duration::zero()) return;
  avoid_until_ = now + shortest_avoidance;
  is_trying_ = true;
}

void KeepAliveGuard::observe_reuse(Duration age, std::uint32_t requests, Instant now) {
  last_reuses_ = static_cast<std::uint8_t>(last_reuses_ << 1U);
  if (reuses_seen_ < 8) ++reuses_seen_;
  avoid_for_ = Duration::zero();
  avoid_until_ = Instant{};
  is_trying_ = false;
  most_requests_ = std::max(most_requests_, requests);
  if (requests > requests_max_) requests_max_ = UINT32_MAX;
  age = std::max(age, no_idle_time);

  std::int64_t number = minute_of(now);
  Minute& minute = minutes_[static_cast<std::size_t>(number & 1)];
  if (minute.number != number) {
    minute = {.number = number, .ages = {}};
  }
  if (age <= minute.ages.back()) return;
  minute.ages.back() = age;
  for (std::size_t i = minute.ages.size() - 1; i > 0 && minute.ages[i] > minute.ages[i - 1]; --i) {
    std::swap(minute.ages[i], minute.ages[i - 1]);
  }
}

void KeepAliveGuard::observe_race(Duration age, std::uint32_t requests, Instant now) {
  doubt(now);
  learn(age, requests - 1, now);
  last_reuses_ = static_cast<std::uint8_t>((unsigned{last_reuses_} << 1U) | 1U);
  if (reuses_seen_ < 8) ++reuses_seen_;
  auto seen = static_cast<std::uint8_t>((1U << reuses_seen_) - 1U);
  int races = std::popcount(static_cast<std::uint8_t>(last_reuses_ & seen));
  if (2 * races < reuses_seen_) return;
  // Of several that were under way at once, one counts.
  bool is_news = is_trying_ || now >= avoid_until_;
  if (!is_news) return;
  avoid_for_ = std::clamp(2 * avoid_for_, shortest_avoidance, longest_avoidance);
  avoid_until_ = now + avoid_for_;
  is_trying_ = false;
}

void KeepAliveGuard::observe_close(const Idle& idle, Instant now) {
  observe_alive(idle.age);
  bool was_expected = idle.age >= usable_part_of(std::min(life_, idle.announced));
  if (!was_expected) doubt(now);
  learn(idle.age, idle.requests, now);
}

void KeepAliveGuard::observe_alive(Duration age) {
  if (life_ == Duration::max() || age <= life_ + grain_of(life_)) return;
  life_ = Duration::max();
  seen_once_ = Duration::zero();
}

void KeepAliveGuard::doubt(Instant now) { hear_of_doubt(now + doubt_lasts); }

void KeepAliveGuard::hear_of_doubt(Instant until) {
  if (until <= doubted_until_) return;
  doubted_until_ = until;
  minutes_ = {};
  most_requests_ = 0;
}

void KeepAliveGuard::learn(Duration age, std::uint32_t served, Instant now) {
  if (age < shortest_life) {
    requests_max_ = std::min(requests_max_, served);
    return;
  }
  if (life_ != Duration::max() && are_alike(age, life_)) {
    life_ = std::min(life_, age);
    return;
  }
  bool is_alike = seen_once_ != Duration::zero() && are_alike(age, seen_once_);
  if (is_alike && now - seen_at_ < apart) return;
  if (is_alike) life_ = std::min({life_, age, seen_once_});
  seen_once_ = age;
  seen_at_ = now;
}

}  // namespace gg
