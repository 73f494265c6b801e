// SPDX-License-Identifier: Apache-2.0
#include "upstream/balance/rendezvous.h"

#include <algorithm>
#include <cmath>

namespace gg {

namespace {

/// The finaliser of splitmix64.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// A share that is not full is like so much less weight, but never none.
double weight_of(const Candidate& candidate) {
  return static_cast<double>(candidate.weight) * std::max(candidate.share, 1U);
}

/// The lower, the sooner.
double rank_of(const Candidate& candidate, std::uint64_t key) {
  std::uint64_t drawn = mixed(key ^ candidate.identity) >> 11;
  double u = (static_cast<double>(drawn) + 0.5) * 0x1.0p-53;
  return -std::log(u) / weight_of(candidate);
}

}  // namespace

EndpointIndex pick_by_key(std::span<const Candidate> candidates, std::uint64_t key) {
  std::uint64_t requests = 1;  // this one too
  double weights = 0;
  for (const Candidate& candidate : candidates) {
    requests += candidate.requests_in_flight;
    weights += weight_of(candidate);
  }
  double allowed_per_weight =
      rendezvous::most_over_average * static_cast<double>(requests) / weights;

  const Candidate* best = nullptr;
  double best_rank = 0;
  for (const Candidate& candidate : candidates) {
    std::uint32_t in_flight = candidate.requests_in_flight;
    bool has_room = in_flight < rendezvous::always_allowed ||
                    in_flight < allowed_per_weight * weight_of(candidate);
    if (!has_room) continue;
    double rank = rank_of(candidate, key);
    if (best != nullptr && rank >= best_rank) continue;
    best = &candidate;
    best_rank = rank;
  }
  // What is allowed adds up to more than there is, so somebody has room.
  return best->index;
}

}  // namespace gg
