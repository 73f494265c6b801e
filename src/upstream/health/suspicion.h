// SPDX-License-Identifier: Apache-2.0
// Small machines that make something of what single events cannot show: requests that wait and
// wait, connections that break on reuse again and again, an endpoint that closes one connection
// after the other, an endpoint that nobody has tried for a while. Values; pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace gg {

/// How long requests may wait before the endpoint is under suspicion.
class HangLimit {
 public:
  /// A pause of a garbage collector is no hang.
  static constexpr Duration shortest = 250ms;
  /// Requests that have to wait longer at the same time; one less if twice as long.
  static constexpr std::uint32_t requests = 3;

  /// Far beyond its usual time. `most`, `nearly_all`: what 95 and 99 of a hundred of its answers
  /// (or, where it has none, the others') took at most. Those that are long by their nature are
  /// among the last five.
  static constexpr Duration from(Duration most, Duration nearly_all) {
    return std::max({shortest, 4 * most, 2 * nearly_all});
  }

  void set(Duration limit) { limit_ = limit; }
  bool is_known() const { return limit_ > Duration::zero(); }
  Duration value() const { return limit_; }
  /// So many requests came after the last byte it sent and wait longer than value(), and than
  /// twice that.
  bool is_hanging(std::uint32_t overdue, std::uint32_t doubly, Duration silence) const {
    return is_known() && silence >= limit_ && (overdue >= requests || doubly + 1 >= requests);
  }

 private:
  Duration limit_{};
};

/// Kept connections that break as they are used again. Each alone is the ordinary race of two
/// clocks; a burst of them is an endpoint whose connections all got old together; one after the
/// other over some time, with no answer in between, is an endpoint in trouble.
class RaceSeries {
 public:
  static constexpr std::uint32_t forgiven = 3;
  static constexpr Duration burst = 1s;

  void note_answer() { count_ = 0; }
  /// Does this one count as a fault?
  bool note_race(Instant now) {
    if (count_ == 0) since_ = now;
    if (count_ <= forgiven) ++count_;
    return count_ > forgiven && now - since_ >= burst;
  }

 private:
  std::uint32_t count_ = 0;
  Instant since_{};
};

/// Requests that were answered elsewhere first, as a hedge does it, while this endpoint said
/// nothing: those do not wait long enough to be overdue.
class SilenceSeries {
 public:
  static constexpr std::uint32_t requests = 5;
  static constexpr Duration least = HangLimit::shortest;

  void note_answer() {
    if (count_ != 0) count_ = 0;
  }
  /// Does it seem to hang?
  bool note_lost(Instant now) {
    if (count_ == 0) since_ = now;
    if (count_ < requests) ++count_;
    return count_ >= requests && now - since_ >= least;
  }

 private:
  std::uint32_t count_ = 0;
  Instant since_{};
};

/// Answers after which the endpoint closed the connection, though it is one that keeps them.
class CloseSeries {
 public:
  static constexpr std::uint32_t kept_least = 8;
  static constexpr std::uint32_t closes = 4;
  static constexpr Duration within = 1s;

  void note_kept() {
    if (closed_ != 0) closed_ = 0;
    if (kept_ < kept_least) ++kept_;
  }
  /// Is it going away?
  bool note_closed(Instant now) {
    if (kept_ < kept_least) return false;
    if (closed_ == 0 || now - since_ > within) {
      closed_ = 0;
      since_ = now;
    }
    if (++closed_ < closes) return false;
    kept_ = closed_ = 0;
    return true;
  }

 private:
  std::uint32_t kept_ = 0;
  std::uint32_t closed_ = 0;
  Instant since_{};
};

/// When an endpoint that gets nothing, because it was slow once or is slow still, is sent one
/// request to see: a second after the last, up to 16 seconds while it stays slow; and never more
/// than one request in a hundred.
class Trickle {
 public:
  static constexpr Duration first_wait = 1s;
  static constexpr Duration longest_wait = 16s;
  static constexpr Duration wait_without_traffic = 30s;
  static constexpr std::uint32_t one_in = 100;

  /// `others`: requests chosen for the upstream so far.
  bool is_due(std::uint64_t others, Instant now) const {
    Duration idle = now - last_;
    if (idle < wait_) return false;
    bool was_used = last_ != Instant{};
    return others - others_at_last_ >= one_in || (was_used && idle >= wait_without_traffic);
  }
  void note_use(std::uint64_t others, Instant now) {
    last_ = now;
    others_at_last_ = others;
  }
  void note_answer(bool slow) {
    if (slow) {
      wait_ = std::min(2 * wait_, longest_wait);
    } else if (wait_ != first_wait) {
      wait_ = first_wait;
    }
  }

 private:
  Instant last_{};
  Duration wait_ = first_wait;
  std::uint64_t others_at_last_ = 0;
};

}  // namespace gg
