// SPDX-License-Identifier: Apache-2.0
// What admission knows of one endpoint: the answers that are awaited there, and how many should be
// at most. Part of Endpoint; asked by Upstream::choose too. And what all workers know of it: how
// quick it can be.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/time.h"
#include "upstream/admission/adaptive_limit.h"

namespace gg {

/// The quickest that an endpoint has answered of late, whichever worker asked. A worker whose own
/// first answers had to queue there would take that for usual. Any thread; a hint, no more.
class QuickestAnswer {
 public:
  static constexpr Duration remembered = 10s;

  /// Written once a second at most unless it is news, so that workers do not fight for the line.
  void note(Duration time, Instant now) {
    std::uint64_t known = packed_.load(std::memory_order_relaxed);
    std::uint64_t us = std::min(microseconds(time), longest);
    bool is_recent = known >> 32U == second(now);
    bool is_news = us < (known & longest) / 10 * 9;
    if (is_recent && !is_news) return;
    packed_.store(second(now) << 32U | us, std::memory_order_relaxed);
  }
  /// It is about another endpoint from now on.
  void forget() { packed_.store(0, std::memory_order_relaxed); }
  /// Zero if none is known.
  Duration value(Instant now) const {
    std::uint64_t known = packed_.load(std::memory_order_relaxed);
    bool is_old = second(now) - (known >> 32U) > static_cast<std::uint64_t>(remembered / 1s);
    return is_old ? Duration::zero() : Duration(std::chrono::microseconds(known & longest));
  }

 private:
  static constexpr std::uint64_t longest = 0xffffffff;

  static std::uint64_t second(Instant now) {
    return static_cast<std::uint64_t>(now.since_start / 1s) & longest;
  }
  static std::uint64_t microseconds(Duration time) {
    return static_cast<std::uint64_t>(std::max<Duration::rep>(time.count() / 1000, 1));
  }

  std::atomic<std::uint64_t> packed_{0};
};

struct EndpointLoad {
  explicit EndpointLoad(QuickestAnswer& quickest_answer) : quickest(quickest_answer) {}

  bool has_room() const { return awaited < adaptive.limit(); }

  QuickestAnswer& quickest;  // of all workers
  AdaptiveLimit adaptive;
  std::uint32_t awaited = 0;  // attempts whose response head has not come
};

}  // namespace gg
