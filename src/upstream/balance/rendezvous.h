// SPDX-License-Identifier: Apache-2.0
// The endpoint that requests of one key go to: the same one as long as it is a candidate, on every
// worker and every gateway. Used by Upstream for balance.hash.
#pragma once

#include <cstdint>
#include <span>

#include "upstream/balance/balancer.h"

namespace gg {

/// Weighted rendezvous hashing (Thaler and Ravishankar 1998; weights as in Schindelhauer and
/// Schomaker 2005): with u drawn in (0, 1) by the hash of key and endpoint, the least
///   -ln(u) / weight
/// wins. Who leaves takes only its own keys along, and who joins takes no more than its share.
///
/// Bounded load (Mirrokni et al. 2016): passed over is who has more requests in flight than
/// `most_over_average` times its share of all; but never for as few as `always_allowed`.
/// `candidates` are not empty. Pure; no allocation.
EndpointIndex pick_by_key(std::span<const Candidate> candidates, std::uint64_t key);

namespace rendezvous {
inline constexpr double most_over_average = 1.25;
inline constexpr std::uint32_t always_allowed = 8;
}  // namespace rendezvous

}  // namespace gg
