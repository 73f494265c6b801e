// SPDX-License-Identifier: Apache-2.0
// A limit on requests per time: a token bucket for each key, shared by all threads, in a fixed
// piece of memory.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
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

  Bucket& bucket_of(std::uint64_t key, std::int64_t now);

  RequestKey key_;
  std::int64_t interval_;  // nanoseconds in which one token comes
  std::int64_t depth_;     // nanoseconds in which an empty bucket fills
  std::string policy_;
  std::vector<Set> sets_;
  std::atomic<std::uint64_t> forgotten_{0};
};

}  // namespace gg
