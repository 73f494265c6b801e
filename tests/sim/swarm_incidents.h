// SPDX-License-Identifier: Apache-2.0
// What befalls whole origins of the swarm. Each draws one, declares it, and has it happen within
// `span` from now.
#pragma once

#include <cstddef>

#include "sim/dice.h"
#include "support/world.h"

namespace gg {

/// A fault of the way to an origin, or of its process, that ends after a while.
void plan_incident(World& world, Dice& dice, std::size_t origin, Duration span);
/// Every origin restarts, one after the other, as a careless deployment does it.
void plan_restarts(World& world, Dice& dice, Duration span);
/// Every HTTP/2 connection to that origin is told to go, in good order.
void plan_goodbye(World& world, Dice& dice, SimHttp2Relay& relay, std::size_t origin,
                  Duration span);

}  // namespace gg
