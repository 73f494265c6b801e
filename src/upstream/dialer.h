// SPDX-License-Identifier: Apache-2.0
// Connections of the gateway's own to a server that it knows by its URL, and requests of its own on
// them: for discovery and for traces, never for a client's request.
#pragma once

#include <memory>
#include <string_view>

#include "config/model.h"
#include "dns/resolver.h"
#include "engine/engine.h"
#include "fault/fault.h"
#include "http/stream.h"
#include "net/byte_stream.h"
#include "tls/client_context.h"

namespace gg {

/// One engine's thread.
class Dialer {
 public:
  /// Both outlive it.
  Dialer(Engine& engine, Resolver& resolver) : engine_(engine), resolver_(resolver) {}
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  /// To the first address of `server` that can be connected to, with TLS agreed on where it is
  /// https; `tls` is there then. One at a time.
  Task<Result<std::unique_ptr<ByteStream>, Fault>> dial(const EndpointUrl& server,
                                                        const TlsClientContext* tls,
                                                        Deadline deadline);
  /// Ends what is under way within a moment, but for a lookup, which its resolver has to end.
  void stop();

 private:
  Task<Result<SocketPtr, Fault>> connect(const EndpointUrl& server, Deadline deadline);

  Engine& engine_;
  Resolver& resolver_;
  bool is_stopped_ = false;
  Connect* connecting_ = nullptr;
  TlsStream* agreeing_ = nullptr;
};

/// For a `server` of the gateway's own, whose certificate is checked with the system's authorities;
/// null if it is not https.
std::unique_ptr<TlsClientContext> system_tls_for(const EndpointUrl& server);

/// Sends `request` with `body`, which is as long as it says, and reads as far as the head of the
/// final answer.
Task<Result<ResponseHead, Fault>> ask_for_head(ClientStream& http, const OutgoingRequest& request,
                                               std::string_view body, Deadline deadline);

/// What it means that a request of the gateway's own, or its answer, broke off.
Fault fault_of(const StreamError& error);

}  // namespace gg
