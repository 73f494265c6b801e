// SPDX-License-Identifier: Apache-2.0
// The kernel's route to an address, and this machine's limits. Asks the system, needs no privilege.
#pragma once

#include "diagnose/doctor/facts.h"

namespace gg {

/// By netlink; empty parts where the kernel has none to tell.
RouteFacts route_to(const Address& address);
/// From /proc; what may not be read stays unknown.
LocalFacts local_limits();

}  // namespace gg
