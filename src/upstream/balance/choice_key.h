// SPDX-License-Identifier: Apache-2.0
// What a request brings along to the choice of its endpoint. Made by proxy/stickiness.h, read by
// Upstream::choose.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/sip_hash.h"
#include "config/model.h"

namespace gg {

/// Kept with every exchange, so it is small.
struct ChoiceKey {
  /// Of what balance.hash names; 0: there is none, and the algorithm decides.
  std::uint64_t hash = 0;
  /// Of the endpoint that the client's cookie names, as sticky_mark gives it; 0: of none.
  std::uint64_t mark = 0;
};

/// What clients see of an endpoint: the same on every gateway with that secret, and never 0.
/// Without the secret nobody can tell the name from it.
inline std::uint64_t sticky_mark(const StickyConfig& sticky, std::string_view upstream,
                                 std::string_view endpoint) {
  SipKey key{.low = sip_hash({.low = 0, .high = 0}, sticky.secret),
             .high = sip_hash({.low = 1, .high = 0}, sticky.secret)};
  std::string name(upstream);
  name.append(1, '\0').append(endpoint);
  std::uint64_t mark = sip_hash(key, name);
  return mark != 0 ? mark : 1;
}

}  // namespace gg
