// SPDX-License-Identifier: Apache-2.0
#include "upstream/endpoint_health.h"

#include <utility>

#include "fault/catalogue.h"

namespace gg {

namespace {

FaultWeight weight_of(Fault fault) {
  const FaultRow& row = row_of(fault);
  if (!row.about_endpoint) return FaultWeight::none;
  bool at_the_door = row.stage == Stage::connect || row.stage == Stage::tls;
  return at_the_door ? FaultWeight::unreachable : FaultWeight::one;
}

}  // namespace

bool EndpointHealth::claim_probe(Instant now) {
  probe_is_claimed_ = pool_.change(
      endpoint_, now, {}, [now](const HealthState& state) { return after_probe_sent(state, now); });
  return probe_is_claimed_;
}

HealthTicket::HealthTicket(EndpointHealth& health, Instant now)
    : health_(health),
      news_{.began = now, .was_probe = std::exchange(health.probe_is_claimed_, false)} {}

void HealthTicket::answered(Duration /*first_byte*/, Instant now) {
  was_heard_ = true;
  PoolHealth& pool = health_.pool_;
  if (is_plain(pool.word(health_.endpoint_))) return;
  pool.change(health_.endpoint_, now, {}, [&](const HealthState& state) {
    return after_answer(state, news_, false, true, now, pool.rules());
  });
}

void HealthTicket::failed(Fault fault, const FaultFacts& /*facts*/, Instant now) {
  FaultWeight weight = weight_of(fault);
  if (weight == FaultWeight::none) return;
  was_heard_ = true;
  PoolHealth& pool = health_.pool_;
  bool may_eject = pool.may_eject_another(now);
  std::uint32_t faults = pool.state(health_.endpoint_, now).faults_in_a_row + 1U;
  HealthGrounds grounds{.fault = fault, .figures = {.first = faults}};
  pool.change(health_.endpoint_, now, grounds, [&](const HealthState& state) {
    return after_fault(state, news_, weight, may_eject, now, pool.rules());
  });
}

void HealthTicket::ended(Instant now) {
  if (was_heard_ || !news_.was_probe) return;
  PoolHealth& pool = health_.pool_;
  pool.change(health_.endpoint_, now, {}, [&](const HealthState& state) {
    return after_silence(state, news_, false, now, pool.rules());
  });
}

}  // namespace gg
