// SPDX-License-Identifier: Apache-2.0
// One client's HTTP/2 connection from its preface to its close: every request is served at the same
// time as the others, by the same proxy code as HTTP/1.1.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/intrusive_list.h"
#include "gate/client_session.h"
#include "http2/server.h"
#include "task/scope.h"

namespace gg {

/// A worker keeps its sessions in a list to drain them. The verbs are ClientSession's.
class Http2Session final : public ListNode, private Http2Requests {
 public:
  /// `first` was read from `bytes` already. `context` and the views in `facts` outlive the session.
  Http2Session(const SessionContext& context, std::unique_ptr<ByteStream> bytes, Chunk first,
               const ClientFacts& facts);

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* session, std::size_t size) noexcept {
    release_frame(session, size);
  }

  ClientCounts::Share share() const { return facts_.share; }
  /// Serves the connection until either side is done with it.
  Task<void> serve();
  /// Asks the client to go elsewhere with its next requests; a round trip later none is taken.
  void retire() { connection_.retire(); }
  /// No further request; the connection ends with those under way.
  void drain() { connection_.drain(); }
  /// Ends what is under way. Whose answer has not begun is told so, for which a moment must be
  /// left; everybody else is gone at once.
  void cut();
  /// Ends at once, without a word.
  void abort();

 private:
  /// A request that the proxy works on; in the frame that serves it.
  struct UnderWay : public ListNode {
    UnderWay(Exchange& its_exchange, Http2ServerStream& its_stream)
        : exchange(its_exchange), stream(its_stream) {}

    Exchange& exchange;
    Http2ServerStream& stream;
  };

  void begin(std::unique_ptr<Http2ServerStream> stream) override;
  Task<void> serve_stream(std::unique_ptr<Http2ServerStream> stream);
  Task<void> serve_exchange(Http2ServerStream& stream, RequestHead head);
  GG_RARE Task<void> refuse(ServerStream& stream, Instant began, Fault fault, MessageError error);
  Task<void> record_abuse();

  const SessionContext& context_;
  std::array<char, 48> peer_text_{};
  ClientFacts facts_;
  Http2ServerConnection connection_;
  Scope serving_;
  IntrusiveList<UnderWay> under_way_;
  std::uint32_t requests_ = 0;
  std::uint32_t served_now_ = 0;
};

}  // namespace gg
