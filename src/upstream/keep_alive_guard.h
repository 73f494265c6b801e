// SPDX-License-Identifier: Apache-2.0
// How long an endpoint's idle connections can be trusted, and with what: a pure state machine that
// learns from announcements, closes, races and reuses. Endpoint asks it before it lends one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "http/keep_alive.h"

namespace gg {

/// What a request needs of the connection it is sent on.
enum class ConnectionNeed : std::uint8_t {
  any,     // it can be sent again, should the connection turn out to be closed
  proven,  // it cannot: a fresh connection, or one whose life is not in doubt
  fresh,   // it failed on another: only one that nobody can have closed
};

/// What the endpoint has announced on one connection.
class AnnouncedTerms {
 public:
  /// A response came, the `requests`th of this connection.
  void observe(const KeepAliveTerms& terms, std::uint32_t requests);
  bool has_any() const { return timeout_ != Duration::max() || last_max_ != no_max; }
  /// Idle for longer, and it may be closed; the longest Duration if nothing was announced.
  Duration timeout() const { return timeout_; }
  /// Has it served all the requests that it may?
  bool is_used_up(std::uint32_t requests) const { return requests >= requests_max_; }

 private:
  static constexpr std::uint32_t no_max = UINT32_MAX;

  Duration timeout_ = Duration::max();
  std::uint32_t last_max_ = no_max;
  std::uint32_t requests_max_ = no_max;
};

/// How long of a `life` a connection may wait and still be used: less a quarter, at least 100 ms
/// (or half of a life shorter than that), at most a second. A request needs its way to the
/// endpoint, and timers there have a grain of their own.
Duration usable_part_of(Duration life);

/// One per endpoint and worker. A value; no clock, no allocation.
///
/// *Proven* is a connection that was idle no longer than at least three reuses which worked here in
/// the last one to two minutes, and that has not reached the number of requests at which one was
/// closed; while for a minute there was neither a race nor a close that could not be expected.
/// Until connections have served some dozens of requests here, it must have served fewer than
/// another. Only requests that may be sent again make proof of what nobody has tried; those that
/// may not renew what they rode on.
class KeepAliveGuard {
 public:
  /// An idle connection.
  struct Idle {
    Duration age{};                        // idle for so long
    std::uint32_t requests = 0;            // served
    Duration announced = Duration::max();  // AnnouncedTerms::timeout
  };
  enum class Verdict : std::uint8_t {
    lend,
    too_old,   // its endpoint closes about now
    avoided,   // hardly any reuse works here at present
    unproven,  // good enough only for what can be sent again
  };

  Verdict judge(ConnectionNeed need, const Idle& idle, Instant now) const;
  /// As long as this an idle connection may be used, by all that was observed here.
  Duration usable_for() const { return usable_part_of(life_); }

  /// One was lent on Verdict::lend.
  void observe_lent(Instant now);
  /// A response came over a reused connection: it had been `age` idle, and this was its
  /// `requests`th.
  void observe_reuse(Duration age, std::uint32_t requests, Instant now);
  /// A reused connection was closed as its `requests`th request was sent.
  void observe_race(Duration age, std::uint32_t requests, Instant now);
  /// The endpoint closed an idle connection.
  void observe_close(const Idle& idle, Instant now);
  /// Until then nothing is proven; for other workers.
  Instant doubted_until() const { return doubted_until_; }
  /// Another worker has met a race, or a close that could not be expected.
  void hear_of_doubt(Instant until);
  /// An idle connection of that age is open still.
  void observe_alive(Duration age);

 private:
  static constexpr std::size_t reuses_that_prove = 3;

  /// The longest idle times of a minute after which reuse worked, the longest first.
  struct Minute {
    static constexpr Duration none{-1};
    std::int64_t number = -2;  // no minute
    std::array<Duration, reuses_that_prove> ages{none, none, none};
  };

  bool is_proven(const Idle& idle, Instant now) const;
  void doubt(Instant now);
  void learn(Duration age, std::uint32_t served, Instant now);

  Duration life_ = Duration::max();  // of an idle connection, as observed twice
  Duration seen_once_{};             // a life not yet confirmed; zero: none
  Instant seen_at_{};
  std::array<Minute, 2> minutes_{};          // this one and the one before, by parity
  std::uint32_t most_requests_ = 0;          // the highest number of a reuse that worked
  std::uint32_t requests_max_ = UINT32_MAX;  // after so many one was closed, for no other reason
  Instant doubted_until_{};
  std::uint8_t last_reuses_ = 0;  // a bit each: 1 was a race
  std::uint8_t reuses_seen_ = 0;  // at most 8
  Duration avoid_for_{};          // zero: reuse is not avoided
  Instant avoid_until_{};
  bool is_trying_ = false;  // one reuse finds out whether it still has to be avoided
};

}  // namespace gg
