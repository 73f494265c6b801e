// SPDX-License-Identifier: Apache-2.0
// A simulated engine's end of a connection, or its share of a listener. Inside sim/ only.
#pragma once

#include <optional>

#include "base/intrusive_list.h"
#include "engine/io_error.h"
#include "engine/operation.h"
#include "engine/sim/sim_settings.h"
#include "engine/socket.h"

namespace gg {

class SimConnection;
class SimEngine;
struct SimListener;

class SimSocket final : public Socket, public ListNode {
 public:
  explicit SimSocket(SimEngine& engine);

  /// Has its engine look at it in its next turn.
  void wake();

  SimConnection* connection = nullptr;  // of a connected or connecting socket
  End end = End::connector;
  SimListener* listener = nullptr;
  Address local;  // of an accepted connection
  bool is_open = true;
  bool is_connected = false;
  std::optional<IoError> connect_error;
  bool write_pause = false;  // a short write: not writable until the next wake-up
  Operation* reader = nullptr;
  Operation* writer = nullptr;

 private:
  SimEngine& owner_;
};

}  // namespace gg
