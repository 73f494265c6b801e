// SPDX-License-Identifier: Apache-2.0
// How many requests one endpoint can have in flight before they only wait there for each other:
// learned from how long its answers take. A pure state machine; asked and fed by admission.h.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace gg {

/// What is learned from, and how much waiting at the endpoint is put up with:
///   best     the time of an answer when nobody is in its way, a slowly moving low quantile
///   bearable best + max(best / 2, 25 ms)
/// Answers are looked at in groups, by their quickest: one quick answer shows that nobody queues
/// there, however slow others are by nature.
///
/// While answers stay near `best` the limit never binds for long: each one sent at the limit raises
/// it. It is lowered on evidence alone, groups in a row beyond what is bearable, and then by
/// Little's law to where they are bearable: with n in flight when requests were sent that took t,
///   limit = n * bearable / t
/// Slowness that came with a rising n is congestion. Any other is put to the test: with fewer in
/// flight, answers that queued get quicker. Those that do not are slow by nature: the limit is
/// restored and `best` corrected. The same test, repeated now and then, keeps `best` true while
/// the endpoint is congested for long.
class AdaptiveLimit {
 public:
  struct Sample {
    Duration time{};                // from sending to the response head
    std::uint32_t in_flight = 0;    // there, when it was sent, itself included
    std::uint32_t still_there = 0;  // now, itself excluded
  };

  AdaptiveLimit();

  /// At least 2.
  std::uint32_t limit() const { return static_cast<std::uint32_t>(limit_); }
  /// Is the endpoint known to be used beyond what it can do?
  bool is_congested() const { return congested_; }
  /// Is it, for all that is known yet?
  bool may_be_congested() const {
    return congested_ || (is_delayed() && is_loaded(mean_in_flight_));
  }
  /// The mean time of an answer when all is well; zero before the first.
  Duration usual() const { return Duration(static_cast<Duration::rep>(usual_)); }
  /// The mean that is aimed at under congestion, waiting at the endpoint included.
  Duration bearable() const { return Duration(static_cast<Duration::rep>(usual_ + aim())); }

  /// Has any answer come?
  bool has_learned() const { return best_ != 0; }
  /// Before the first answer: somebody else got one in this time.
  void be_told(Duration quickest);
  /// Is this about as quick as answers come?
  bool is_quick(Duration time) const;
  /// What is certain of an answer's time if it may have waited for the last `lag` of it for this
  /// process, which is short of time itself: that is no sign of a busy endpoint, nor of a quick
  /// one.
  Duration without_doubt(Duration time, Duration lag) const;
  /// An answer came. True if the limit has changed.
  bool observe(const Sample& sample, Instant now);
  /// Somebody waits for a place.
  struct Press {
    Duration waited{};         // so far, the one who came first
    Duration most{};           // then he is refused
    bool are_few = true;       // who wait
    bool is_overload = false;  // too many wait for all to be served
  };
  /// Without evidence that there should be none the limit is raised after a while. Silence where
  /// answers used to come sooner is such evidence: a brown-out, not requests that are long by
  /// nature. A few do not wait for too long, whatever the evidence, and for a test nobody does: the
  /// limit is raised in time. True if it has changed.
  bool press(const Press& by, Instant now);

 private:
  enum class Phase : std::uint8_t {
    steady,
    emptying,   // the limit was lowered: until no more than that are there
    measuring,  // what was sent since tells whether that helped
  };
  struct Group {
    double quickest = 0;   // nanoseconds
    double in_flight = 0;  // when that one was sent
    double sum = 0;
    double in_flight_sum = 0;
    std::uint32_t count = 0;
    Instant began{};
  };

  double aim() const;
  bool is_delayed() const { return mean_ - usual_ > aim() * 0.6; }
  /// Has nothing come for much longer than an answer takes?
  bool is_silent(Instant now) const;
  /// More than when answers were last good?
  bool is_loaded(double in_flight) const { return in_flight > good_in_flight_ * 1.25 + 1; }
  void learn(double time, double in_flight);
  void end_group(const Group& group, Instant now);
  void note_slow(const Group& group, Instant now);
  void begin_test(double limit, Instant now);
  void end_test(const Group& group, Instant now);
  void steer(Instant now);
  void set_limit(double limit);
  bool give_up_test(Instant now);
  bool relent(Instant now);

  double limit_;
  // Times are in nanoseconds.
  double best_ = 0;
  double usual_ = 0;           // mean, with no more in flight than is good
  double good_in_flight_ = 0;  // when answers were last near `best`
  double mean_ = 0;            // of late
  double mean_in_flight_ = 0;
  double before_mean_ = 0;  // when the limit was lowered for a test
  double before_in_flight_ = 0;
  double before_limit_ = 0;
  double tested_limit_ = 0;  // after the last test
  Group group_;
  std::uint32_t slow_groups_ = 0;    // in a row
  std::uint32_t loaded_groups_ = 0;  // of those, with more in flight than was good
  Instant test_began_{};
  Instant last_test_{};
  Instant last_bound_{};  // when the limit was last what held requests back
  Instant last_slow_{};
  Instant last_answer_{};
  Instant relented_{};
  Instant pressed_since_{};
  Instant pressed_last_{};
  double pressed_limit_ = 0;
  std::uint32_t quiet_steps_ = 0;  // of pressing
  Phase phase_ = Phase::steady;
  bool congested_ = false;
};

}  // namespace gg
