// SPDX-License-Identifier: Apache-2.0
// When names are looked up, and again: the same for endpoints that have one and for discovery.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace gg {

namespace lookup_times {
inline constexpr Duration patience = 10s;
/// However short or long a name server says an answer is good for.
inline constexpr Duration shortest = 1s;
inline constexpr Duration longest = 5min;
/// After a failed lookup.
inline constexpr Duration retry = 2s;
}  // namespace lookup_times

/// While an endpoint cannot be connected to, its name may stand for another one by now. So long
/// after the last lookup, when it had been unreachable for so long (or less than nothing), another
/// one is worth it: soon at first, then less and less often.
constexpr Duration lookup_gap(Duration unreachable_for) {
  return std::clamp<Duration>(unreachable_for, 100ms, 2s);
}

}  // namespace gg
