// SPDX-License-Identifier: Apache-2.0
// Bytes both ways after an upgrade, until both sides are done, one breaks, or nothing has moved
// for too long.
#pragma once

#include <cstdint>

#include "http/stream.h"
#include "task/scope.h"

namespace gg {

class Engine;

struct TunnelEnd {
  bool clean = true;              // both sides finished sending
  StreamError error;              // else
  std::uint64_t from_client = 0;  // bytes passed on
  std::uint64_t from_endpoint = 0;
};

class Tunnel {
 public:
  /// Everything outlives the tunnel. `idle`: the longest time without a byte in either direction.
  Tunnel(Engine& engine, Stream& client, Stream& endpoint, Duration idle);

  /// Returns when both directions are over: cleanly, or because one broke, which aborts both
  /// streams.
  Task<TunnelEnd> run();

 private:
  Task<void> relay(Stream& from, Stream& to, std::uint64_t& passed_on);
  void cut(const StreamError& error);

  Engine& engine_;
  Stream& client_;
  Stream& endpoint_;
  Duration idle_;
  Instant last_moved_;
  Scope directions_;
  TunnelEnd end_;
};

}  // namespace gg
