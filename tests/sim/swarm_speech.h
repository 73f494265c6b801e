// SPDX-License-Identifier: Apache-2.0
// HTTP/2 and TLS in the swarm.
#pragma once

#include <vector>

#include "sim/swarm.h"

namespace gg {

/// Puts in front of the origins, and of the gateway, what speaks as the plan says. Returns what
/// speaks HTTP/2 for each origin; null: nothing does.
std::vector<SimHttp2Relay*> set_speech(World& world, const SwarmPlan& plan, Seed seed);

}  // namespace gg
