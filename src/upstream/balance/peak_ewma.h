// SPDX-License-Identifier: Apache-2.0
// How long an endpoint's next response will probably take: a moving average that jumps up at once
// and comes down slowly. Kept per endpoint; read by the least_time balancer.
#pragma once

#include <algorithm>
#include <cmath>

#include "base/time.h"

namespace gg {

/// Peak-EWMA (Finagle's p2c.PeakEwma, 2014; Linkerd's default). With t since the last sample:
///   w = exp(-t / decay)
///   sample > estimate:  estimate = sample
///   otherwise:          estimate = estimate * w + sample * (1 - w)
///   value at t:         estimate * w
/// After a pause of half a second w is at most 1/8: whoever got nothing because of one slow answer
/// is believed after a few fast ones, not when the decay is over.
/// A lull forgives: an endpoint that was slow is tried again after a while. Feed it the time until
/// the response head; of an attempt that timed out, the time waited. A value; pure.
class PeakEwma {
 public:
  /// As in Linkerd. Longer forgives later and is steadier.
  static constexpr Duration default_decay = 10s;

  static constexpr Duration pause = 500ms;
  static constexpr double weight_after_pause = 0.125;

  explicit PeakEwma(Duration decay = default_decay) : decay_(static_cast<double>(decay.count())) {}

  bool has_samples() const { return has_samples_; }

  /// `now` may lie before that of an earlier sample (two answers in one turn); it then counts as
  /// the same moment.
  void observe(Duration sample, Instant now) {
    auto time = static_cast<double>(sample < Duration::zero() ? 0 : sample.count());
    double decayed = weight_at(now);
    if (now - last_ >= pause) decayed = std::min(decayed, weight_after_pause);
    estimate_ =
        !has_samples_ || time > estimate_ ? time : estimate_ * decayed + time * (1 - decayed);
    has_samples_ = true;
    if (now > last_) last_ = now;
  }

  /// Zero if nothing was observed yet, else at least 1 ns.
  Duration value(Instant now) const {
    if (!has_samples_) return Duration::zero();
    Duration decayed{static_cast<Duration::rep>(estimate_ * weight_at(now))};
    return decayed > Duration::zero() ? decayed : Duration{1};
  }

 private:
  double weight_at(Instant now) const {
    if (now <= last_) return 1;
    return std::exp(-static_cast<double>((now - last_).count()) / decay_);
  }

  double decay_;
  double estimate_ = 0;  // nanoseconds
  Instant last_{};
  bool has_samples_ = false;
};

}  // namespace gg
