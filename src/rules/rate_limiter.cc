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
      sets_(key_.source == RequestKey::Source::nothing ? 1 : sets_of_many) {
  std::int64_t window = std::max<std::int64_t>(depth_ / 1'000'000'000, 1);
  policy_ = "\"route\";q=" + std::to_string(burst_of(config)) + ";w=" + std::to_string(window);
}

RateLimiter::Bucket& RateLimiter::bucket_of(std::uint64_t key, std::int64_t now) {
  Set& set = sets_[key % sets_.size()];
  for (Bucket& bucket : set.buckets) {
    if (bucket.key.load(std::memory_order_relaxed) == key) return bucket;
  }
  Bucket& fullest = *std::ranges::min_element(set.buckets, {}, [](const Bucket& bucket) {
    return bucket.full_at.load(std::memory_order_relaxed);
  });
  // Two threads may do this at a time; then one bucket more is full than should be.
  if (fullest.full_at.load(std::memory_order_relaxed) > now) {
    forgotten_.fetch_add(1, std::memory_order_relaxed);
    fullest.full_at.store(now, std::memory_order_relaxed);
  }
  fullest.key.store(key, std::memory_order_relaxed);
  return fullest;
}

RateLimiter::Verdict RateLimiter::take(std::uint64_t key, Instant at) {
  std::int64_t now = at.since_start.count();
  Bucket& bucket = bucket_of(key, now);
  std::int64_t full_at = bucket.full_at.load(std::memory_order_relaxed);
  for (;;) {
    std::int64_t next = std::max(full_at, now) + interval_;
    std::int64_t ahead = next - now;
    if (ahead > depth_)
      return {.is_within = false, .remaining = 0, .wait = Duration(ahead - depth_)};
    if (!bucket.full_at.compare_exchange_weak(full_at, next, std::memory_order_relaxed)) continue;
    return {.is_within = true,
            .remaining = static_cast<std::uint64_t>((depth_ - ahead) / interval_),
            .wait = {}};
  }
}

RateLimiter::Verdict RateLimiter::take(const RequestHead& head, const Address& client,
                                       Instant now) {
  return take(hash_of(key_, head, client), now);
}

}  // namespace gg
