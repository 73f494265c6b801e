// SPDX-License-Identifier: Apache-2.0
// A limit on requests per time: a token bucket for each key, shared by all threads, in a fixed
// piece of memory.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "config/rules_model.h"
#include "engine/address.h"
#include "http/head.h"
#include "rules/request_key.h"

namespace gg {

/// Each bucket is one instant, at which it would be full again (the generic cell rate algorithm,
/// ITU-T I.371 annex A): a request moves it on by the time that one token takes to come, unless
/// that would be further ahead than a whole bucket.
///
/// Buckets are kept for 65,536 keys, and a full one need not be kept at all. Where more keys than
/// that have used some of theirs, the fullest of eight is forgotten, which errs on the side of the
/// client. Any number of threads; no lock, no allocation.
class RateLimiter {
 public:
  struct Verdict {
    bool is_within = true;
    std::uint64_t remaining = 0;  // requests that may follow at once
    Duration wait{};              // until the next one may; zero if it may now
  };

  explicit RateLimiter(const RateLimitConfig& config);

  /// Is it one limit with those of other gateways? Then somebody tells it of what they let through.
  bool is_shared() const { return !spent_.empty(); }
  /// The time in which one token comes, and that in which an empty bucket fills.
  Duration interval() const { return Duration(interval_); }
  Duration depth() const { return Duration(depth_); }
  /// Calls `visit(key, count)` for what was let through since it was asked last; it is shared.
  template <class Visit>
  void take_spent(Visit visit) {
    if (!has_spent_.exchange(false, std::memory_order_acquire)) return;
    for (std::size_t place = 0; place < spent_.size(); ++place) {
      if (spent_[place].load(std::memory_order_relaxed) == 0) continue;
      std::uint32_t count = spent_[place].exchange(0, std::memory_order_relaxed);
      visit(bucket_at(place).key.load(std::memory_order_relaxed), count);
    }
  }
  /// With what all gateways have let through, as far as that is known, the bucket of `key` is full
  /// `ahead` from now. What was let through here since it was asked comes on top.
  void agree(std::uint64_t key, Duration ahead, Instant now);

  /// A request comes. One that is not within the limit takes nothing.
  Verdict take(const RequestHead& head, const Address& client, Instant now);
  /// The same, of whoever has that hash (not 0).
  Verdict take(std::uint64_t key, Instant now);

  /// RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers): how many in how many seconds.
  const std::string& policy() const { return policy_; }
  /// Buckets that were forgotten though they were not full.
  std::uint64_t forgotten() const { return forgotten_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t ways = 8;
  struct Bucket {
    std::atomic<std::uint64_t> key{0};
    std::atomic<std::int64_t> full_at{0};  // nanoseconds, as Instant counts them
  };
  struct alignas(64) Set {
    std::array<Bucket, ways> buckets;
  };

  /// A bucket's place among all.
  std::size_t place_of(std::uint64_t key, std::int64_t now);
  std::optional<std::size_t> find(std::uint64_t key);
  void note_spent(std::size_t place);
  Bucket& bucket_at(std::size_t place) { return sets_[place / ways].buckets[place % ways]; }

  RequestKey key_;
  std::int64_t interval_;  // nanoseconds in which one token comes
  std::int64_t depth_;     // nanoseconds in which an empty bucket fills
  std::string policy_;
  std::vector<Set> sets_;
  std::vector<std::atomic<std::uint32_t>> spent_;  // by place; empty: nobody asks
  std::atomic<bool> has_spent_{false};             // anything of that is not zero
  std::atomic<std::uint64_t> forgotten_{0};
};

}  // namespace gg
