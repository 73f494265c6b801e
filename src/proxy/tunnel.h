// SPDX-License-Identifier: Apache-2.0
// Bytes both ways after an upgrade, until both sides are done, one breaks, nothing has moved for
// too long, or the tunnel has to go: then a WebSocket is told so first.
#pragma once

#include <cstdint>

#include "http/stream.h"
#include "http/websocket_frames.h"
#include "task/scope.h"

namespace gg {

class Engine;
class Sleep;

struct TunnelEnd {
  bool clean = true;              // both sides finished sending
  StreamError error;              // else
  std::uint64_t from_client = 0;  // bytes passed on
  std::uint64_t from_endpoint = 0;
};

struct TunnelLimits {
  Duration idle{};  // the longest time without a byte in either direction
  Duration life{};  // of the whole; zero: no limit
};

class Tunnel {
 public:
  enum class Speech : std::uint8_t { anything, websocket };

  /// Everything outlives the tunnel.
  Tunnel(Engine& engine, Stream& client, Stream& endpoint, TunnelLimits limits, Speech speech);

  /// Returns when both directions are over: cleanly, or because one broke, which aborts both
  /// streams.
  Task<TunnelEnd> run();
  /// Closes a WebSocket with 1001 (RFC 6455 7.4.1) on both sides, each between two frames, and
  /// gives both a moment to answer. False: it is none, or not one whose frames can be read.
  bool go_away();

 private:
  /// One direction.
  struct Way {
    Stream& from;
    Stream& to;
    std::uint64_t& passed_on;
    bool is_masked;  // as a client's frames are
    WebSocketFrames frames{};
    bool has_said_close = false;
    bool is_interrupted = false;  // by us, and has not noticed yet
  };

  Task<void> relay(Way& way);
  Task<void> relay_to_its_end(Way& way);
  Task<void> end_by_force();
  Task<bool> pass_on(Way& way, BodyPart part);
  Task<bool> send(Way& way, BodyPart part);
  Task<bool> say_close(Way& way);
  Deadline read_deadline() const;
  bool goes_on_after(Way& way, const StreamError& error);
  void cut(const StreamError& error);

  Engine& engine_;
  TunnelLimits limits_;
  Instant last_moved_;
  Deadline life_;
  Deadline leave_by_ = Deadline::never();
  bool is_websocket_;
  bool is_leaving_ = false;
  int ways_open_ = 2;
  Sleep* last_moment_ = nullptr;  // when it is cut
  TunnelEnd end_;
  Way from_client_;
  Way from_endpoint_;
  Scope directions_;
};

}  // namespace gg
