// SPDX-License-Identifier: Apache-2.0
// When an endpoint is left out because requests to it fail, and when it is tried again: a pure
// state machine. Events and the time go in, at most one change comes out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/assert.h"
#include "base/time.h"

namespace gg {

struct EjectionRules {
  std::uint32_t consecutive_faults = 5;  // at least 1
  Duration shortest = 1s;                // the first ejection; each further one twice as long
  Duration longest = 60s;
};

/// How much a fault says about its endpoint.
enum class FaultWeight : std::uint8_t {
  none,         // nothing: the client left, a keep-alive race
  one,          // one of several in a row
  unreachable,  // it could not even be connected to: enough by itself
};

class Ejection {
 public:
  enum class State : std::uint8_t {
    in,       // gets its share
    out,      // gets nothing until its time is over
    probing,  // one request finds out whether it is back
  };
  struct Change {
    State from;
    State to;
    bool operator==(const Change&) const = default;
  };

  explicit Ejection(const EjectionRules& rules) : rules_(rules) {
    GG_ASSERT(rules.consecutive_faults > 0);
  }

  State state() const { return state_; }
  /// When an endpoint that is out may be tried.
  Instant until() const { return until_; }
  std::uint32_t faults_in_a_row() const { return faults_in_a_row_; }

  bool may_be_used(Instant now) const {
    return state_ == State::in || (state_ == State::out && now >= until_);
  }

  /// Somebody was sent there. From `out` (its time over, or nobody else left) that is the probe.
  std::optional<Change> observe_use() {
    if (state_ != State::out) return std::nullopt;
    return become(State::probing);
  }

  std::optional<Change> observe_success() {
    faults_in_a_row_ = 0;
    if (state_ == State::in) return std::nullopt;
    length_ = Duration::zero();
    return become(State::in);
  }

  std::optional<Change> observe_fault(FaultWeight weight, Instant now) {
    if (weight == FaultWeight::none) {
      // The probe told nothing: another one may.
      return state_ == State::probing ? eject_until(now) : std::nullopt;
    }
    ++faults_in_a_row_;
    bool enough = weight == FaultWeight::unreachable ||
                  faults_in_a_row_ >= rules_.consecutive_faults || state_ == State::probing;
    // What was under way when it was ejected does not make the ejection longer.
    if (!enough || state_ == State::out) return std::nullopt;
    length_ = length_ == Duration::zero() ? rules_.shortest : std::min(2 * length_, rules_.longest);
    return eject_until(now + length_);
  }

 private:
  std::optional<Change> eject_until(Instant until) {
    until_ = until;
    return become(State::out);
  }
  Change become(State next) {
    Change change{.from = state_, .to = next};
    state_ = next;
    return change;
  }

  EjectionRules rules_;
  State state_ = State::in;
  std::uint32_t faults_in_a_row_ = 0;
  Instant until_{};
  Duration length_{};
};

}  // namespace gg
