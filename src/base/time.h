// SPDX-License-Identifier: Apache-2.0
// Points and spans of time. Nothing here reads a clock: the time comes from the engine.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace gg {

using namespace std::chrono_literals;  // NOLINT(google-global-names-in-headers): 500ms reads as
                                       // text
using Duration = std::chrono::nanoseconds;

/// A moment on the machine's monotonic clock (CLOCK_MONOTONIC; in simulation the world's own):
/// comparable between the threads and processes of one machine until it is booted again.
struct Instant {
  Duration since_start{};

  auto operator<=>(const Instant&) const = default;
  friend constexpr Instant operator+(Instant at, Duration d) { return {at.since_start + d}; }
  friend constexpr Instant operator-(Instant at, Duration d) { return {at.since_start - d}; }
  friend constexpr Duration operator-(Instant a, Instant b) {
    return a.since_start - b.since_start;
  }
};

/// A moment on the calendar: microseconds since 1970-01-01T00:00:00Z. For logs and dates only;
/// never for measuring.
struct WallTime {
  std::int64_t microseconds = 0;

  auto operator<=>(const WallTime&) const = default;
};

/// The moment until which something may take. Made once and passed down; nobody adds timeouts.
class Deadline {
 public:
  static constexpr Deadline at(Instant when) { return Deadline(when); }
  static constexpr Deadline never() { return Deadline({Duration::max()}); }
  /// `wait` of zero or less means: no limit (the configuration writes "none").
  static constexpr Deadline after(Instant now, Duration wait) {
    return wait <= Duration::zero() ? never() : Deadline(now + wait);
  }

  constexpr Instant when() const { return when_; }
  constexpr bool is_never() const { return when_.since_start == Duration::max(); }
  constexpr bool has_passed(Instant now) const { return when_ <= now; }
  /// Negative once it has passed.
  constexpr Duration time_left(Instant now) const {
    return is_never() ? Duration::max() : when_ - now;
  }
  constexpr Deadline or_earlier(Deadline other) const {
    return when_ < other.when_ ? *this : other;
  }

  auto operator<=>(const Deadline&) const = default;

 private:
  explicit constexpr Deadline(Instant when) : when_(when) {}
  Instant when_;
};

/// How long a send may take: until a deadline or, for as long as the peer goes on taking bytes,
/// until none was taken for a while. Only when the deadline passes is it asked whether it moved:
/// bytes that are taken cost a store, and no timer.
class SendLimit {
 public:
  /// Until then, whatever is taken meanwhile.
  constexpr SendLimit(Deadline deadline)
      : deadline_(deadline), last_(deadline) {}  // NOLINT: a view
  /// `gap` of zero or less means: no limit but `last`.
  static constexpr SendLimit between_bytes(Instant now, Duration gap, Deadline last) {
    SendLimit limit(Deadline::after(now, gap).or_earlier(last));
    limit.gap_ = gap;
    limit.last_ = last;
    limit.taken_at_ = now;
    return limit;
  }

  constexpr Deadline deadline() const { return deadline_; }
  /// The peer took some bytes.
  constexpr void taken(Instant now) { taken_at_ = now; }
  /// Reckons the deadline from the moment when bytes were taken last. False: it has passed.
  constexpr bool renew(Instant now) {
    if (gap_ <= Duration::zero()) return !deadline_.has_passed(now);
    deadline_ = Deadline::after(taken_at_, gap_).or_earlier(last_);
    return !deadline_.has_passed(now);
  }

 private:
  Deadline deadline_;
  Duration gap_{};
  Deadline last_;
  Instant taken_at_;
};

}  // namespace gg
