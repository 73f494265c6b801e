// SPDX-License-Identifier: Apache-2.0
// What the tests of the balancers share: three endpoints, and counting picks.
#pragma once

#include <cstddef>
#include <span>

#include "upstream/balance/balancer.h"

namespace gg {

inline constexpr EndpointIndex a{0};
inline constexpr EndpointIndex b{1};
inline constexpr EndpointIndex c{2};

inline std::size_t times_picked(EndpointIndex wanted, Balancer& balancer,
                                std::span<const Candidate> candidates, int picks) {
  Rng rng(11);
  std::size_t count = 0;
  for (int i = 0; i < picks; ++i) {
    if (balancer.pick(candidates, rng) == wanted) ++count;
  }
  return count;
}

}  // namespace gg
