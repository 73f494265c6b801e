// SPDX-License-Identifier: Apache-2.0
// What comes before a session on a listener with the PROXY protocol or with TLS: the introductions
// that a worker has under way, how many there may be, and what becomes of those that fail.
#pragma once

#include <cstddef>
#include <memory>

#include "base/intrusive_list.h"
#include "fault/fault.h"
#include "net/proxy_protocol.h"
#include "record/counters.h"
#include "task/task.h"
#include "tls/server_context.h"

namespace gg {

/// One client's. Lives in the frame that serves it.
class ClientHandshake final : public ListNode {
 public:
  /// Both steps must be done by `deadline`.
  ClientHandshake(SocketPtr socket, Deadline deadline);

  /// Reads the PROXY header that the connection must begin with, and sets `client` to the address
  /// that it names, if it does. Else why the connection is not to be served: none, when it ended
  /// without a byte (as probes of balancers do) or the worker drains.
  Task<Result<void, Fault>> hear_proxy(Address& client);
  /// Shakes hands, and learns who the client is.
  Task<Result<void, TlsError>> shake_hands(const TlsServerContext& context);
  /// Counts a failure by its cause; what the gateway itself has ended is none.
  void count(const TlsError& error, Counters& counters) const;
  /// Tells a client that speaks plain HTTP where it is, and ends the connection.
  Task<void> explain(const TlsError& error);

  /// What the client is heard by: TLS once hands are being shaken.
  std::unique_ptr<ByteStream> bytes;
  /// The same, if it is TLS.
  TlsStream* tls = nullptr;
  /// What came behind the PROXY header, until hands are shaken.
  Chunk unread;

 private:
  friend class ClientHandshakes;
  enum class EndedBy : std::uint8_t { itself, crowd, drain };
  void end(EndedBy by);

  Deadline deadline_;
  EndedBy ended_by_ = EndedBy::itself;
};

/// All of one worker. When there are too many, the one that has waited longest makes room: clients
/// that dawdle on purpose keep nobody else out.
class ClientHandshakes {
 public:
  static constexpr std::size_t most = 2048;

  void add(ClientHandshake& handshake);
  void remove(ClientHandshake& handshake);
  std::size_t size() const { return count_; }
  /// The worker drains.
  void end_all();

 private:
  IntrusiveList<ClientHandshake> all_;  // the oldest one in front
  std::size_t count_ = 0;
};

}  // namespace gg
