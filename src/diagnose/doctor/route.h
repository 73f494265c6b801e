// SPDX-License-Identifier: Apache-2.0
// The kernel's route to an address, and this machine's limits. Asks the system, needs no privilege.
#pragma once

#include "diagnose/doctor/facts.h"

namespace gg {

/// By netlink; empty parts where the kernel has none to tell.
RouteFacts route_to(const Address& address);
/// From /proc; what may not be read stays unknown.
LocalFacts local_limits();
/// Is it an address of this machine?
bool is_own(const Address& address, const RouteFacts& route);
/// How many connections to this machine's port the kernel has opened that nobody has accepted yet;
/// nothing if nobody listens there.
std::optional<std::uint64_t> not_accepted_at(std::uint16_t port);

}  // namespace gg
