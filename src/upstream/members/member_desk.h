// SPDX-License-Identifier: Apache-2.0
// Carries out what sources of endpoints say: gives seats to those who come and takes them from
// those who go, in the health that all threads share and through a SeatKeeper wherever else
// endpoints are known. Used by gate/discovery.h, and by simulations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "upstream/members/membership.h"
#include "upstream/members/seats.h"
#include "upstream/upstreams.h"

namespace gg {

/// Who knows endpoints by their seats: every worker, the checks, the watch of names. Upstreams by
/// their place in Config::upstreams.
class SeatKeeper {
 public:
  virtual ~SeatKeeper() = default;
  /// The seat is this endpoint's from now on.
  virtual void seat(std::size_t upstream, std::size_t seat, const EndpointConfig& endpoint) = 0;
  /// Who has the seat has another weight, tier or zone, or its drain has begun or ended.
  virtual void alter(std::size_t upstream, std::size_t seat, const EndpointConfig& endpoint) = 0;
  /// Nothing is sent there any more; what is under way may end.
  virtual void unseat(std::size_t upstream, std::size_t seat) = 0;
  /// Does no worker use what was there? If so, MemberDesk::released() is told, with the same turn.
  virtual void ask_release(std::size_t upstream, std::size_t seat, std::uint32_t turn) = 0;
};

/// One thread's, the one that every answer comes to.
class MemberDesk {
 public:
  /// Everything outlives it.
  MemberDesk(const Config& config, SharedUpstreams& shared, SeatKeeper& keeper);

  /// A source has answered. Returns what became of it.
  MembershipChange answer(std::size_t upstream, std::vector<EndpointConfig> endpoints, Instant now);
  /// The members that were discovered.
  const std::vector<EndpointConfig>& members(std::size_t upstream) const {
    return pools_[upstream].members;
  }
  bool has_answered(std::size_t upstream) const { return pools_[upstream].has_answered; }
  /// Asks whether seats that are being left are used by anybody still. Now and then.
  void ask_releases();
  bool has_leaving() const;
  void released(std::size_t upstream, std::size_t seat, std::uint32_t turn);

 private:
  struct Pool {
    const UpstreamConfig& settings;
    Seats seats;
    std::vector<EndpointConfig> members;
    bool has_answered = false;
  };

  void alter(std::size_t upstream, const MembershipChange& change, Instant now);
  bool come_in(std::size_t upstream, const EndpointConfig& endpoint,
               std::vector<std::size_t>& slow);

  SharedUpstreams& shared_;
  SeatKeeper& keeper_;
  std::vector<Pool> pools_;
};

}  // namespace gg
