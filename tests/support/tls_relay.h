// SPDX-License-Identifier: Apache-2.0
// What stands between the gateway and a simulated origin or client when TLS is spoken there: takes
// TLS off or puts it on, and passes everything else on as it comes, ends and resets included.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/sim/sim_engine.h"
#include "task/scope.h"
#include "tls/client_context.h"
#include "tls/server_context.h"

namespace gg {

/// Must be stopped, and the world run until is_over(), before it dies.
class SimTlsRelay {
 public:
  /// Takes TLS off: listens at `at`, speaks plainly to `to`. `context` outlives it.
  SimTlsRelay(SimWorld& world, const Address& at, const TlsServerContext& context,
              const Address& to);
  /// Puts it on, asking for `name`.
  SimTlsRelay(SimWorld& world, const Address& at, const TlsClientContext& context, std::string name,
              const Address& to);

  /// Where it puts TLS on: what it offers to speak inside, as that stands on the wire.
  void offer(std::string protocols) { offered_ = std::move(protocols); }
  /// What it says before the handshake.
  void say_first(std::string bytes) { first_ = std::move(bytes); }
  /// From now on it ends without a close_notify what its other side ends.
  void forget_goodbyes() { says_goodbye_ = false; }
  std::size_t handshakes() const { return handshakes_; }
  std::size_t resumed() const { return resumed_; }
  const std::optional<TlsError>& last_error() const { return last_error_; }

  SimEngine& engine() { return engine_; }
  void stop();
  bool is_over() const { return scope_.running() == 0; }

 private:
  struct Link;

  Task<void> accept_all();
  Task<void> serve(SocketPtr socket);
  Task<void> pump(Link& link, ByteStream& from, ByteStream& to);

  SimEngine engine_;
  const TlsServerContext* server_ = nullptr;
  const TlsClientContext* client_ = nullptr;
  std::string name_;
  std::string offered_;
  std::string first_;
  Address to_;
  TlsSession session_;
  SocketPtr listener_;
  std::size_t handshakes_ = 0;
  std::size_t resumed_ = 0;
  std::optional<TlsError> last_error_;
  bool says_goodbye_ = true;
  bool is_stopped_ = false;
  Scope scope_;
};

/// Answers the first bytes of every connection with bytes of its own: for handshakes that fail.
class SimStub {
 public:
  enum class Then : std::uint8_t { waits, closes };
  SimStub(SimWorld& world, const Address& at, std::string answer, Then then);

  void stop() { listener_.reset(); }
  bool is_over() const { return scope_.running() == 0; }

 private:
  Task<void> accept_all();
  Task<void> serve(SocketPtr socket);

  SimEngine engine_;
  std::string answer_;
  Then then_;
  SocketPtr listener_;
  Scope scope_;
};

}  // namespace gg
