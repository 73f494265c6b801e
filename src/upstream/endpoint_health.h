// SPDX-License-Identifier: Apache-2.0
// One endpoint's health as one worker meets it: the attempts it has under way there, what they
// taught, and the shared state that all workers change together.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "fault/fault.h"
#include "upstream/pool_health.h"

namespace gg {

/// What is known of a failed attempt beside its fault.
struct FaultFacts {
  bool was_reused = false;
  Duration waited{};
};

class EndpointHealth;

/// One attempt's part in its endpoint's health. Made when the endpoint is chosen for it, told what
/// becomes of it, and once it ends without having been told anything, that counts too.
class HealthTicket {
 public:
  HealthTicket(EndpointHealth& health, Instant now);
  HealthTicket(const HealthTicket&) = delete;
  HealthTicket& operator=(const HealthTicket&) = delete;

  /// The head of an answer came.
  void answered(Duration first_byte, Instant now);
  void failed(Fault fault, const FaultFacts& facts, Instant now);
  /// The attempt is over; once, before the ticket dies.
  void ended(Instant now);

 private:
  EndpointHealth& health_;
  AttemptNews news_;
  bool was_heard_ = false;
};

class EndpointHealth {
 public:
  /// `pool` outlives it; the endpoint is one of its.
  EndpointHealth(PoolHealth& pool, std::size_t endpoint) : pool_(pool), endpoint_(endpoint) {}
  EndpointHealth(const EndpointHealth&) = delete;
  EndpointHealth& operator=(const EndpointHealth&) = delete;

  /// What its last change was decided on.
  HealthGrounds grounds() const { return pool_.grounds(endpoint_); }
  HealthState state(Instant now) const { return pool_.state(endpoint_, now); }
  bool may_be_used(Instant now) const {
    return is_plain(pool_.word(endpoint_)) || gg::may_be_used(state(now), now);
  }
  bool is_draining() const { return (pool_.word(endpoint_) >> health_bits::draining & 1) != 0; }
  bool is_due_for_probe(Instant now) const {
    return !is_plain(pool_.word(endpoint_)) && gg::is_due_for_probe(state(now), now);
  }
  /// In thousandths of what it gets when all is well.
  std::uint32_t share(Instant now) const {
    return is_plain(pool_.word(endpoint_)) ? 1000 : share_of(state(now), now, pool_.rules());
  }
  /// Takes the right to send the one request that finds out; the next ticket is for it. False if
  /// another thread was faster.
  bool claim_probe(Instant now);

 private:
  friend class HealthTicket;

  PoolHealth& pool_;
  std::size_t endpoint_;
  bool probe_is_claimed_ = false;
};

}  // namespace gg
