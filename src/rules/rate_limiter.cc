// SPDX-License-Identifier: Apache-2.0
#include "rules/rate_limiter.h"

#include <algorithm>

namespace gg {
namespace {

constexpr std::size_t sets_of_many = 8192;

RequestKey key_of(const RateLimitKey& per) {
  switch (per.kind) {
    case RateLimitKey::Kind::client_ip:
      return {RequestKey::Source::client_ip, {}};
    case RateLimitKey::Kind::route:
      return {RequestKey::Source::nothing, {}};
    case RateLimitKey::Kind::header:
      return {RequestKey::Source::header, per.text};
    case RateLimitKey::Kind::cookie:
      return {RequestKey::Source::cookie, per.text};
  }
  return {};
}

std::int64_t interval_of(const Rate& rate) {
  auto count = static_cast<std::int64_t>(std::max<std::uint64_t>(rate.count, 1));
  return std::max<std::int64_t>(rate.per.count() / count, 1);
}

std::int64_t burst_of(const RateLimitConfig& config) {
  if (config.burst != 0) return config.burst;
  return std::max<std::int64_t>(static_cast<std::int64_t>(config.rate.per_second()), 1);
}

}  // namespace

RateLimiter::RateLimiter(const RateLimitConfig& config)
    : key_(key_of(config.per)),
      interval_(interval_of(config.rate)),
      depth_(interval_ * burst_of(config)),
      sets_(key_.source == RequestKey::Source::nothing ? 1 : sets_of_many),
      spent_(config.shared ? sets_.size() * ways : 0) {
  std::int64_t window = std::max<std::int64_t>(depth_ / 1'000'000'000, 1);
  policy_ = "\"route\";q=" + std::to_string(burst_of(config)) + ";w=" + std::to_string(window);
}

void RateLimiter::note_spent(std::size_t place) {
  spent_[place].fetch_add(1, std::memory_order_relaxed);
  bool is_noted = has_spent_.load(std::memory_order_relaxed);
  if (!is_noted) has_spent_.store(true, std::memory_order_release);
}

std::optional<std::size_t> RateLimiter::find(std::uint64_t key) {
  std::size_t first = key % sets_.size() * ways;
  for (std::size_t place = first; place < first + ways; ++place) {
    if (bucket_at(place).key.load(std::memory_order_relaxed) == key) return place;
  }
  return std::nullopt;
}

std::size_t RateLimiter::place_of(std::uint64_t key, std::int64_t now) {
  if (std::optional<std::size_t> found = find(key)) return *found;
  std::size_t set = key % sets_.size();
  auto& buckets = sets_[set].buckets;
  auto it = std::ranges::min_element(buckets, {}, [](const Bucket& bucket) {
    return bucket.full_at.load(std::memory_order_relaxed);
  });
  std::size_t place = set * ways + static_cast<std::size_t>(it - buckets.begin());
  Bucket& fullest = *it;
  // Two threads may do this at a time; then one bucket more is full than should be.
  if (fullest.full_at.load(std::memory_order_relaxed) > now) {
    forgotten_.fetch_add(1, std::memory_order_relaxed);
    fullest.full_at.store(now, std::memory_order_relaxed);
  }
  if (is_shared()) spent_[place].store(0, std::memory_order_relaxed);
  fullest.key.store(key, std::memory_order_relaxed);
  return place;
}

RateLimiter::Verdict RateLimiter::take(std::uint64_t key, Instant at) {
  std::int64_t now = at.since_start.count();
  std::size_t place = place_of(key, now);
  Bucket& bucket = bucket_at(place);
  std::int64_t full_at = bucket.full_at.load(std::memory_order_relaxed);
  for (;;) {
    std::int64_t next = std::max(full_at, now) + interval_;
    std::int64_t ahead = next - now;
    if (ahead > depth_)
      return {.is_within = false, .remaining = 0, .wait = Duration(ahead - depth_)};
    if (!bucket.full_at.compare_exchange_weak(full_at, next, std::memory_order_relaxed)) continue;
    if (is_shared()) note_spent(place);
    return {.is_within = true,
            .remaining = static_cast<std::uint64_t>((depth_ - ahead) / interval_),
            .wait = {}};
  }
}

void RateLimiter::agree(std::uint64_t key, Duration ahead, Instant now) {
  std::optional<std::size_t> place = find(key);
  if (!place) return;
  std::int64_t since = spent_[*place].load(std::memory_order_relaxed) * interval_;
  std::int64_t full_at = now.since_start.count() + std::min(ahead.count(), depth_) + since;
  std::atomic<std::int64_t>& ours = bucket_at(*place).full_at;
  std::int64_t before = ours.load(std::memory_order_relaxed);
  while (before < full_at &&
         !ours.compare_exchange_weak(before, full_at, std::memory_order_relaxed)) {
  }
}

RateLimiter::Verdict RateLimiter::take(const RequestHead& head, const Address& client,
                                       Instant now) {
  return take(hash_of(key_, head, client), now);
}

}  // namespace gg
