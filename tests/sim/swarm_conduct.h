// SPDX-License-Identifier: Apache-2.0
// What origins of the swarm do with each request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/swarm.h"

namespace gg {

/// How one origin treats one request, and what trouble that is.
struct SwarmConduct {
  SimBehaviour behaviour;
  std::vector<Trouble::Kind> troubles;
};
/// The same whenever it is asked, so that the oracle knows what would have been.
SwarmConduct conduct_of(Seed seed, const SwarmPlan& plan, std::size_t origin,
                        std::uint64_t request);

}  // namespace gg
