// SPDX-License-Identifier: Apache-2.0
// Asks once more in small TCP segments. Where only those get through, the path loses large packets
// and the message that should say so: a black hole of the path MTU. Needs no privilege; blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "engine/address.h"

namespace gg {

/// How many bytes come back within `patience` of a connection's beginning, 64 KiB at most.
/// `segment`: the size that both sides keep to; 0: the usual one.
std::uint64_t bytes_answered(const Address& to, std::string_view request, int segment,
                             Duration patience);

/// Does `request` get more of an answer in small segments than in usual ones? At most twice
/// `patience`.
bool only_small_segments_arrive(const Address& to, std::string_view request, Duration patience);

}  // namespace gg
