// SPDX-License-Identifier: Apache-2.0
// What comes before a session on a listener with TLS: the handshakes that a worker has under way,
// how many there may be, and what becomes of those that fail.
#pragma once

#include <cstddef>
#include <memory>

#include "base/intrusive_list.h"
#include "record/counters.h"
#include "task/task.h"
#include "tls/server_context.h"

namespace gg {

/// One client's. Lives in the frame that serves it.
class ClientHandshake final : public ListNode {
 public:
  explicit ClientHandshake(std::unique_ptr<TlsStream> stream_) : stream(std::move(stream_)) {}

  /// Shakes hands, and learns who the client is.
  Task<Result<void, TlsError>> run(Duration patience);
  /// Counts a failure by its cause; what the gateway itself has ended is none.
  void count(const TlsError& error, Counters& counters) const;
  /// Tells a client that speaks plain HTTP where it is, and ends the connection.
  Task<void> explain(const TlsError& error);

  std::unique_ptr<TlsStream> stream;

 private:
  friend class ClientHandshakes;
  enum class EndedBy : std::uint8_t { itself, crowd, drain };
  void end(EndedBy by);

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
