// SPDX-License-Identifier: Apache-2.0
// A socket as the gateway holds it: an engine's object behind an owner that closes it.
#pragma once

#include <cstdint>
#include <memory>

namespace gg {

class Engine;

/// A transport socket: listening or connected. Made and owned by an engine, held through
/// SocketPtr, used through operations. One receive or watch and one send may wait at a time.
class Socket {
 public:
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  Engine& engine() const { return engine_; }

 protected:
  explicit Socket(Engine& engine) : engine_(engine) {}
  ~Socket() = default;

 private:
  Engine& engine_;
};

enum class Closing : std::uint8_t {
  orderly,  // what was sent still arrives, then an end of stream
  reset,    // what was not sent is dropped; the peer sees a reset, never a clean end
};

struct SocketCloser {
  void operator()(Socket* socket) const;
};
/// Closes in good order when it dies. Everything that waits on the socket completes as cancelled.
using SocketPtr = std::unique_ptr<Socket, SocketCloser>;

}  // namespace gg
