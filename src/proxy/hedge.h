// SPDX-License-Identifier: Apache-2.0
// When a wait is worth another attempt beside the one that waits. Pure, tested by table.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"
#include "config/model.h"

namespace gg {

/// A route's `hedge` in numbers. Made once per configuration.
struct HedgeRule {
  bool enabled = true;
  std::uint32_t percent = 99;  // of the upstream's own response times; 0: `fixed` holds
  Duration fixed{};
  Duration at_least = 20ms;

  static HedgeRule of(const HedgeConfig& config);
};

/// Where nothing is known of an upstream yet: far more than most answers take.
inline constexpr Duration hedge_wait_unknown = 250ms;

/// After this wait for a response head another attempt may be made; zero: never. `usual` is the
/// rule's percentile of the upstream's times, zero if not known.
constexpr Duration hedge_delay(const HedgeRule& rule, Duration usual) {
  if (!rule.enabled) return Duration::zero();
  if (rule.percent == 0) return std::max(rule.fixed, Duration{1});
  if (usual == Duration::zero()) return std::max(hedge_wait_unknown, rule.at_least);
  return std::max(usual, rule.at_least);
}

/// No endpoint is said to be slow to accept before this, however fast it usually is: a busy machine
/// makes everybody wait so long at times.
inline constexpr Duration race_wait_least = 25ms;

/// After this wait for a connection another one is opened elsewhere: `after` or three times the
/// endpoint's usual time, whichever is less. `usual` is zero if not known; `after` of zero: never.
constexpr Duration race_delay(Duration after, Duration usual) {
  if (usual == Duration::zero()) return after;
  return std::min(after, std::max(3 * usual, race_wait_least));
}

}  // namespace gg
