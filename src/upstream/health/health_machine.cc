// SPDX-License-Identifier: Apache-2.0
#include "upstream/health/health_machine.h"

#include <algorithm>

namespace gg {

namespace {

/// A recovering endpoint begins with this much of its share.
constexpr std::uint32_t first_share = 100;
constexpr std::uint32_t whole_share = 1000;

HealthState up(HealthState state, HealthReason why) {
  state.standing = Standing::up;
  state.reason = why;
  state.faults_in_a_row = 0;
  state.step = 0;
  return state;
}

/// The step stays: who fails again soon is out for longer.
HealthState recover(HealthState state, HealthReason why, Instant now) {
  state.standing = Standing::recovering;
  state.reason = why;
  state.faults_in_a_row = 0;
  state.at = now;
  return state;
}

HealthState eject(HealthState state, HealthReason why, Instant now, const HealthRules& rules) {
  state.standing = Standing::out;
  state.reason = why;
  bool may_grow = state.step == 0 || ejection_length(state, rules) < rules.longest;
  if (may_grow && state.step < HealthState::step_most) ++state.step;
  state.at = now + ejection_length(state, rules);
  return state;
}

bool ramp_is_over(const HealthState& state, Instant now, const HealthRules& rules) {
  return state.standing == Standing::recovering && now - state.at >= rules.ramp;
}

}  // namespace

bool is_due_for_probe(const HealthState& state, Instant now) {
  if (state.standing == Standing::out) return now >= state.at;
  return state.standing == Standing::probing && now - state.at >= probe_patience;
}

bool may_be_used(const HealthState& state, Instant now) {
  bool is_away = state.standing == Standing::out || state.standing == Standing::probing;
  return !state.drains() && (!is_away || is_due_for_probe(state, now));
}

std::uint32_t share_of(const HealthState& state, Instant now, const HealthRules& rules) {
  if (state.standing != Standing::recovering || ramp_is_over(state, now, rules)) return whole_share;
  Duration passed = std::max(now - state.at, Duration::zero());
  auto grown = static_cast<std::uint32_t>((whole_share - first_share) * passed / rules.ramp);
  return first_share + grown;
}

Duration ejection_length(const HealthState& state, const HealthRules& rules) {
  if (state.step == 0) return Duration::zero();
  Duration length = rules.shortest;
  for (int i = 1; i < state.step && length < rules.longest; ++i) length *= 2;
  return std::min(length, rules.longest);
}

HealthState after_probe_sent(HealthState state, Instant now) {
  if (!is_due_for_probe(state, now)) return state;
  state.standing = Standing::probing;
  state.reason = HealthReason::probe_sent;
  state.at = now;
  return state;
}

HealthState after_answer(HealthState state, const AttemptNews& news, bool slow, bool may_eject,
                         Instant now, const HealthRules& rules) {
  switch (state.standing) {
    case Standing::up:
      state.faults_in_a_row = 0;
      return state;
    case Standing::recovering:
      state.faults_in_a_row = 0;
      return ramp_is_over(state, now, rules) ? up(state, HealthReason::ramp_ended) : state;
    case Standing::grey:
      if (!slow) return recover(state, HealthReason::answered, now);
      // What was under way when it became grey is why it did.
      if (news.began < state.at) return state;
      if (state.faults_in_a_row < HealthState::faults_most) ++state.faults_in_a_row;
      return state.faults_in_a_row >= slow_answers_most && may_eject
                 ? eject(state, HealthReason::slow, now, rules)
                 : state;
    case Standing::probing:
      if (!news.was_probe) return state;
      return slow ? eject(state, HealthReason::slow, now, rules)
                  : recover(state, HealthReason::answered, now);
    case Standing::out: {
      // Whoever was under way when it was ejected proves nothing. The moment is kept rounded up.
      Instant since = state.at - ejection_length(state, rules);
      bool is_newer = news.began >= since;
      return is_newer && !slow ? recover(state, HealthReason::answered, now) : state;
    }
  }
  return state;
}

HealthState after_fault(HealthState state, const AttemptNews& news, FaultWeight weight,
                        bool may_eject, Instant now, const HealthRules& rules) {
  if (weight == FaultWeight::none) return after_silence(state, news, false, now, rules);
  bool is_unreachable = weight == FaultWeight::unreachable;
  HealthReason why = is_unreachable ? HealthReason::unreachable : HealthReason::faults_in_a_row;
  // What was under way when it was ejected does not make the ejection longer.
  if (state.standing == Standing::out) return state;
  if (state.standing == Standing::probing && !news.was_probe) return state;

  if (ramp_is_over(state, now, rules)) state = up(state, HealthReason::ramp_ended);
  if (state.faults_in_a_row < HealthState::faults_most) ++state.faults_in_a_row;
  bool too_many = state.faults_in_a_row >= rules.consecutive_faults && may_eject;
  bool out = is_unreachable || too_many || state.standing == Standing::probing;
  return out ? eject(state, why, now, rules) : state;
}

HealthState after_silence(HealthState state, const AttemptNews& news, bool waited_long, Instant now,
                          const HealthRules& rules) {
  if (state.standing != Standing::probing || !news.was_probe) return state;
  if (waited_long) return eject(state, HealthReason::hanging, now, rules);
  state.standing = Standing::out;
  state.reason = HealthReason::probe_unheard;
  state.at = now;
  return state;
}

HealthState after_verdict(HealthState state, HealthReason why, bool may_eject, Instant now,
                          const HealthRules& rules) {
  bool is_in = state.standing == Standing::up || state.standing == Standing::recovering ||
               state.standing == Standing::grey;
  if (!is_in) return state;
  if (ramp_is_over(state, now, rules)) state = up(state, HealthReason::ramp_ended);
  if (why != HealthReason::slow) return may_eject ? eject(state, why, now, rules) : state;
  if (state.standing == Standing::grey) return state;
  state.standing = Standing::grey;
  state.reason = HealthReason::slow;
  state.faults_in_a_row = 0;
  state.at = now;
  return state;
}

HealthState after_connect_check(HealthState state, bool connected, Duration hold, Instant now) {
  if (state.standing != Standing::out) return state;
  if (!connected) {
    if (state.reason == HealthReason::can_be_reached) state.reason = HealthReason::unreachable;
    state.at = std::max(state.at, now + hold);
    return state;
  }
  // Nothing else is disproved by a connection.
  if (state.reason != HealthReason::unreachable) return state;
  state.reason = HealthReason::can_be_reached;
  state.at = now;
  return state;
}

HealthState after_checks(HealthState state, bool healthy, Duration hold, Instant now) {
  if (!healthy) {
    bool is_news = state.standing != Standing::out || state.reason != HealthReason::checks_failed;
    state.standing = Standing::out;
    state.reason = HealthReason::checks_failed;
    if (is_news) state.step = std::max<std::uint8_t>(state.step, 1);
    state.at = std::max(now + hold, is_news ? now : state.at);
    return state;
  }
  bool waits = state.standing == Standing::out || state.standing == Standing::probing;
  bool they_know = state.reason == HealthReason::checks_failed ||
                   state.reason == HealthReason::can_be_reached ||
                   state.reason == HealthReason::unreachable;
  return waits && they_know ? recover(state, HealthReason::checks_passed, now) : state;
}

HealthState after_drain_order(HealthState state, bool drains) {
  state.is_draining = drains;
  return state;
}

HealthState after_withdrawal(HealthState state, bool withdrawn, Instant now) {
  bool returns = state.is_withdrawn && !withdrawn;
  state.is_withdrawn = withdrawn;
  bool is_well = state.standing == Standing::up || state.standing == Standing::recovering;
  return returns && is_well ? recover(state, HealthReason::drain_ended, now) : state;
}

HealthState after_eject_order(HealthState state, Duration length, Instant now) {
  state.standing = Standing::out;
  state.reason = HealthReason::by_operator;
  state.at = now + length;
  return state;
}

HealthState after_restore_order(HealthState state) {
  return {.reason = state.standing == Standing::up ? HealthReason::none : HealthReason::by_operator,
          .is_withdrawn = state.is_withdrawn};
}

HealthState after_added(HealthState state, Instant now) {
  return recover(state, HealthReason::added, now);
}

}  // namespace gg
