// SPDX-License-Identifier: Apache-2.0
// One client's connection from accept to close: reads requests, has each served, decides whether
// another may follow.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/intrusive_list.h"
#include "http1/server.h"
#include "proxy/exchange.h"
#include "record/counters.h"

namespace gg {

/// What the sessions of a worker have in common; apart, so that each of them is smaller.
struct SessionContext {
  const Snapshot& snapshot;
  Proxy& proxy;
  Counters& counters;
};

class Http2Session;

/// How a peer is written: its IP address in `text`, which must stay, or "unix".
std::string_view peer_text_of(const Address& peer, std::array<char, 48>& text);

/// A worker keeps its sessions in a list to drain them.
class ClientSession final : public ListNode {
 public:
  /// `context` and the views in `facts` outlive the session.
  ClientSession(const SessionContext& context, std::unique_ptr<ByteStream> bytes,
                const ClientFacts& facts);

  /// Before serve(): what was read of the connection already.
  void begin_with(Chunk first) { connection_.begin_with(std::move(first)); }

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* session, std::size_t size) noexcept {
    release_frame(session, size);
  }

  /// Serves the connection until either side is done with it, or become_http2() is to be called.
  Task<void> serve();
  /// Did the client begin with the preface of HTTP/2 where it may?
  bool speaks_http2() const { return speaks_http2_; }
  ClientCounts::Share share() const { return facts_.share; }
  /// Who goes on with the connection. Nothing but the end is left for this one.
  std::unique_ptr<Http2Session> become_http2();
  /// No request after the present one, or the next if there is none.
  void retire();
  /// No further request after the present one; an idle connection ends at once.
  void drain();
  /// Ends what is under way. Whose answer has not begun is told so, for which a moment must be
  /// left; everybody else is gone at once.
  void cut();
  /// Ends at once, without a word.
  void abort();

 private:
  Task<void> serve_request();
  Task<void> refuse(Exchange& exchange, const StreamError& error);
  bool begins_http2(const StreamError& error) const;

  const SessionContext& context_;
  std::array<char, 48> peer_text_{};
  ClientFacts facts_;
  Http1ServerConnection connection_;
  Exchange* exchange_ = nullptr;  // under way
  std::uint32_t requests_ = 0;
  bool draining_ = false;
  bool speaks_http2_ = false;
};

}  // namespace gg
