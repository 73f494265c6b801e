// SPDX-License-Identifier: Apache-2.0
// What stands between the gateway and a simulated origin when HTTP/2 is spoken there: each stream
// becomes a request of its own to the origin, each way to break off a reset.
#pragma once

#include <memory>

#include "engine/sim/sim_engine.h"
#include "http1/client.h"
#include "http2/server.h"
#include "task/scope.h"

namespace gg {

/// Must be stopped, and the world run until is_over(), before it dies.
class SimHttp2Relay {
 public:
  /// Listens at `at`, speaks HTTP/1.1 to `to`.
  SimHttp2Relay(SimWorld& world, const Address& at, const Address& to);
  ~SimHttp2Relay();

  Http2ServerSettings& settings() { return settings_; }
  /// Says GOAWAY on every connection: what comes from now on is not processed there.
  void say_goodbye();
  /// Breaks every connection.
  void break_all();
  std::size_t connections_seen() const { return seen_; }

  SimEngine& engine() { return engine_; }
  void stop();
  bool is_over() const { return scope_.running() == 0; }

 private:
  class Session;

  Task<void> accept_all();
  Task<void> serve(SocketPtr socket);

  SimEngine engine_;
  Http2ServerSettings settings_;
  HeadLimits limits_;
  Address to_;
  SocketPtr listener_;
  IntrusiveList<Session> sessions_;
  std::size_t seen_ = 0;
  Scope scope_;
};

}  // namespace gg
