// SPDX-License-Identifier: Apache-2.0
#include "upstream/endpoint_health.h"

#include <algorithm>
#include <utility>

#include "fault/catalogue.h"

namespace gg {

namespace {

/// Fewer answers tell nothing of what is usual.
constexpr std::uint32_t answers_least = 20;

FaultWeight weight_of(Fault fault) {
  const FaultRow& row = row_of(fault);
  if (!row.about_endpoint) return FaultWeight::none;
  bool at_the_door = row.stage == Stage::connect || row.stage == Stage::tls;
  return at_the_door ? FaultWeight::unreachable : FaultWeight::one;
}

}  // namespace

// The attempt's part -----------------------------------------------------------------------------

HealthTicket::HealthTicket(EndpointHealth& health, Instant now)
    : health_(health),
      news_{.began = now, .was_probe = std::exchange(health.probe_is_claimed_, false)} {}

void HealthTicket::awaits_answer(Instant now) {
  if (is_linked() || was_heard_) return;
  waits_since_ = now;
  health_.waiting_.push_back(*this);
}

void HealthTicket::answered(int status, Duration first_byte, Instant now) {
  unlink();
  was_heard_ = true;
  EndpointHealth& health = health_;
  bool slow = health.slow_from_ > Duration::zero() && first_byte > health.slow_from_;
  health.last_heard_ = now;
  health.last_answer_ = now;
  health.last_took_ = first_byte;
  health.window_.note_answer(first_byte, status < 500, now);
  health.bad_in_a_row_ = status < 500 ? 0 : health.bad_in_a_row_ + 1;
  health.races_.note_answer();
  health.silence_.note_answer();
  health.trickle_.note_answer(slow);
  bool is_back = status < 500 && news_.began > health.rests_since_;
  if (is_back) health.rests_until_ = {};

  PoolHealth& pool = health.pool_;
  if (is_plain(pool.word(health.endpoint_))) return;
  bool may_eject = pool.may_eject_another(now);
  HealthGrounds grounds{
      .figures = {.first = figure_of(first_byte), .second = figure_of(health.slow_from_)}};
  pool.change(health.endpoint_, now, grounds, [&](const HealthState& state) {
    return after_answer(state, news_, slow, may_eject, now, pool.rules());
  });
}

void HealthTicket::failed(Fault fault, const FaultFacts& facts, Instant now) {
  unlink();
  EndpointHealth& health = health_;
  FaultWeight weight = weight_of(fault);
  bool is_race = fault == Fault::keep_alive_race && facts.was_reused;
  if (is_race && health.races_.note_race(now)) weight = FaultWeight::one;
  if (weight == FaultWeight::none) return;
  health.window_.note_fault(was_heard_, now);
  was_heard_ = true;

  PoolHealth& pool = health.pool_;
  bool may_eject = pool.may_eject_another(now);
  std::uint32_t faults = pool.state(health.endpoint_, now).faults_in_a_row + 1U;
  HealthGrounds grounds{.fault = fault, .figures = {.first = faults}};
  pool.change(health.endpoint_, now, grounds, [&](const HealthState& state) {
    return after_fault(state, news_, weight, may_eject, now, pool.rules());
  });
}

void HealthTicket::ended(Instant now) {
  unlink();
  if (was_heard_) return;
  bool was_waited_for = has_lost_ && waits_since_ != Instant{};
  if (was_waited_for && health_.silence_.note_lost(now)) {
    HealthGrounds grounds{
        .figures = {.first = SilenceSeries::requests, .second = figure_of(now - waits_since_)}};
    health_.verdict(HealthReason::outrun, grounds, now);
  }
  if (!news_.was_probe) return;
  Duration waited = now - news_.began;
  HangLimit& limit = health_.hang_limit_;
  bool waited_long = has_lost_ || (limit.is_known() && waited >= limit.value());
  HealthGrounds grounds{.figures = {.first = 1, .second = figure_of(waited)}};
  PoolHealth& pool = health_.pool_;
  pool.change(health_.endpoint_, now, grounds, [&](const HealthState& state) {
    return after_silence(state, news_, waited_long, now, pool.rules());
  });
}

// The endpoint's ---------------------------------------------------------------------------------

bool EndpointHealth::claim_probe(Instant now) {
  probe_is_claimed_ = pool_.change(
      endpoint_, now, {}, [now](const HealthState& state) { return after_probe_sent(state, now); });
  return probe_is_claimed_;
}

void EndpointHealth::verdict(HealthReason why, const HealthGrounds& grounds, Instant now) {
  bool may_eject = pool_.may_eject_another(now);
  pool_.change(endpoint_, now, grounds, [&](const HealthState& state) {
    return after_verdict(state, why, may_eject, now, pool_.rules());
  });
}

/// Who was sent before the last byte came may be long by nature; who was sent after it, and waits
/// too long, counts.
std::uint32_t EndpointHealth::overdue(Duration limit, Instant now) {
  std::uint32_t count = 0;
  waiting_.for_each_while([&](HealthTicket& ticket) {
    bool is_overdue = now - ticket.waits_since_ >= limit;
    if (is_overdue && ticket.waits_since_ >= last_heard_) ++count;
    return is_overdue && count < HangLimit::requests;
  });
  return count;
}

bool EndpointHealth::hangs(Instant now) {
  if (!hang_limit_.is_known()) return false;
  Duration limit = hang_limit_.value();
  return hang_limit_.is_hanging(overdue(limit, now), overdue(2 * limit, now), now - last_heard_);
}

void EndpointHealth::eject_hanging(Instant now) {
  HealthGrounds grounds{.figures = {.first = overdue(hang_limit_.value(), now),
                                    .second = figure_of(now - waiting_.front().waits_since_)}};
  verdict(HealthReason::hanging, grounds, now);
}

void EndpointHealth::note_closed_connection(Instant now) {
  if (!closes_.note_closed(now)) return;
  verdict(HealthReason::going_away, {.figures = {.first = CloseSeries::closes}}, now);
}

Duration EndpointHealth::usual_time(double share, Instant now) {
  if (window_.totals(now).timed < answers_least) return Duration::zero();
  return window_.quantile(share, now);
}

EndpointFigures EndpointHealth::figures(Instant now) {
  bad_in_a_row_ = 0;
  OutcomeWindow::Totals totals = window_.totals(now);
  // What is usual is remembered when nothing comes any more: then it is needed.
  if (totals.timed >= answers_least) {
    hangs_after_ = HangLimit::from(window_.quantile(0.95, now), window_.quantile(0.99, now));
  }
  Standing standing = state(now).standing;
  return {.attempts = totals.attempts,
          .bad = totals.bad,
          .timed = totals.timed,
          .median = window_.quantile(0.5, now),
          .is_in = standing != Standing::out && standing != Standing::probing};
}

void EndpointHealth::take_verdict(const ComparisonVerdict& its, Duration others_median,
                                  Instant now) {
  if (others_median > Duration::zero()) slow_from_ = slow_from(others_median);
  if (its.why != HealthReason::none) verdict(its.why, {.figures = its.figures}, now);
}

}  // namespace gg
