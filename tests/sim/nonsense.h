// SPDX-License-Identifier: Apache-2.0
// Bytes that are no good messages: what origins answer and clients say in the swarm.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gg {

/// What an origin sends instead of an answer, before it ends the connection. None of it is a whole,
/// sound response.
std::span<const std::string_view> origin_nonsense();

/// What a client says on a connection of its own.
struct ClientNonsense {
  std::string bytes;
  bool ends_sending = false;  // after it; else the client waits for what comes
};
/// Those that are ambiguous have a field `x-sim-ambiguous`, those that break off `x-sim-broken`.
std::span<const ClientNonsense> client_nonsense();

}  // namespace gg
