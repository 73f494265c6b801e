// SPDX-License-Identifier: Apache-2.0
// What news does to the health of an endpoint: pure functions from a state and the time to the next
// state. Whoever holds the state (pool_health.h) changes it by them and tells of the change.
#pragma once

#include <cstdint>

#include "upstream/health/health_state.h"

namespace gg {

struct HealthRules {
  std::uint32_t consecutive_faults = 5;  // at least 1
  Duration shortest = 1s;                // the first ejection; each further one twice as long
  Duration longest = 60s;
  Duration ramp = 10s;  // from the first good answer to the whole share
};

/// How long a probing request may stay without news before another one may go.
inline constexpr Duration probe_patience = 5s;
/// Slow answers in a row that eject a grey endpoint.
inline constexpr std::uint16_t slow_answers_most = 3;

/// How much a fault says about its endpoint.
enum class FaultWeight : std::uint8_t {
  none,         // nothing: the client left, a keep-alive race
  one,          // one of several in a row
  unreachable,  // it could not even be connected to: enough by itself
};

/// One attempt, as far as the end of it matters here.
struct AttemptNews {
  Instant began;
  bool was_probe = false;
};

/// May a request be sent there?
bool may_be_used(const HealthState& state, Instant now);
/// Is it out, or silent under its probe, and due for a request that finds out?
bool is_due_for_probe(const HealthState& state, Instant now);
/// Of its part of the requests, in thousandths, from 1 to 1000: how much it gets now.
std::uint32_t share_of(const HealthState& state, Instant now, const HealthRules& rules);
/// How long the ejection that it is in, or was in last, was meant to be.
Duration ejection_length(const HealthState& state, const HealthRules& rules);

/// One request goes there to find out. Only if is_due_for_probe().
HealthState after_probe_sent(HealthState state, Instant now);
/// An answer came; `slow`: far slower than the others answer. `may_eject`: as for after_fault().
HealthState after_answer(HealthState state, const AttemptNews& news, bool slow, bool may_eject,
                         Instant now, const HealthRules& rules);
/// `may_eject`: enough others are in. What cannot be connected to is ejected all the same.
HealthState after_fault(HealthState state, const AttemptNews& news, FaultWeight weight,
                        bool may_eject, Instant now, const HealthRules& rules);
/// The attempt ended and told nothing (the client left, another attempt was faster). `waited_long`:
/// an answer was overdue.
HealthState after_silence(HealthState state, const AttemptNews& news, bool waited_long, Instant now,
                          const HealthRules& rules);
/// A comparison with the others, or what was seen of its connections: failure_rate, hanging,
/// outrun and going_away eject, slow makes grey.
HealthState after_verdict(HealthState state, HealthReason why, bool may_eject, Instant now,
                          const HealthRules& rules);
/// A connection was tried, nothing more. While it cannot be connected to no request goes there, for
/// `hold` after each check.
HealthState after_connect_check(HealthState state, bool connected, Duration hold, Instant now);
/// Enough full checks in a row passed, or failed.
HealthState after_checks(HealthState state, bool healthy, Duration hold, Instant now);
/// An operator wants no request to go there, or no longer wants that.
HealthState after_drain_order(HealthState state, bool drains);
/// What it was found in wants no request to go there, or no longer wants that: then it begins again
/// slowly, for it has probably been started anew.
HealthState after_withdrawal(HealthState state, bool withdrawn, Instant now);
/// An operator takes it out for `length`, whatever it did; the next request after that finds out.
HealthState after_eject_order(HealthState state, Duration length, Instant now);
/// An operator vouches for it: up at once, with its whole share, and no grudge held.
HealthState after_restore_order(HealthState state);
/// It is new among others that serve already.
HealthState after_added(HealthState state, Instant now);

}  // namespace gg
