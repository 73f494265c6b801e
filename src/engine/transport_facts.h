// SPDX-License-Identifier: Apache-2.0
// What the kernel knows of a TCP connection (TCP_INFO), for whoever explains a failure.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "engine/socket.h"

namespace gg {

struct TransportFacts {
  Duration round_trip{};
  std::uint32_t retransmits = 0;     // packets that were sent again, ever
  std::uint32_t unacknowledged = 0;  // packets that the peer's machine has not said it has
  std::uint32_t unsent = 0;          // bytes that wait until the peer has room for them
  std::uint32_t path_mtu = 0;        // bytes
};

/// Nothing of a socket that is no TCP connection, or a simulated one. One system call.
std::optional<TransportFacts> transport_facts_of(const Socket& socket);

}  // namespace gg
