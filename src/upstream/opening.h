// SPDX-License-Identifier: Apache-2.0
// A connection that is being opened. It belongs to its endpoint and not to the attempt that wanted
// it, so that it may go on when the attempt has found another one sooner.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/intrusive_list.h"
#include "engine/engine.h"
#include "fault/classify.h"
#include "task/frame_pool.h"
#include "tls/tls_stream.h"
#include "upstream/http2_pool.h"

namespace gg {

class Endpoint;

/// Why a connection did not open.
struct OpenError {
  IoError io;                   // of the connection itself, unless:
  std::optional<TlsError> tls;  // it was there, but no TLS came of it
  Chunk first_bytes;            // what came instead, if it was no TLS, or no HTTP/2
  StreamError http2{};          // it was there, but no HTTP/2 came of it: then its message is one
};

/// What a TLS handshake needs while a connection opens; apart, so that others are smaller.
struct TlsOpening {
  TlsOpening(std::unique_ptr<TlsStream> stream_, Deadline deadline)
      : stream(std::move(stream_)), handshake(*stream, deadline) {}
  ~TlsOpening() {
    if (stream != nullptr) stream->cancel(handshake);
  }

  bool agreed() { return handshake.take_result().has_value(); }

  std::unique_ptr<TlsStream> stream;
  TlsHandshake handshake;
};

/// What a failed opening means. `time_is_up`: the whole exchange's.
Fault classify(const OpenError& error, bool time_is_up);

class Opening final : public ListNode {
 public:
  /// `latest`: the end of all patience, when each stage has its own as well.
  Opening(Endpoint& to, Engine& engine, const Address& address, Deadline deadline, Deadline latest)
      : endpoint(to), began(engine.now()), connect_(engine, address, deadline), latest_(latest) {}

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* opening, std::size_t size) noexcept {
    release_frame(opening, size);
  }

  /// Has it opened, or failed? Then Endpoint::take tells which.
  bool is_done() const { return is_done_; }

  Endpoint& endpoint;
  const Instant began;
  /// Of the time since it began, what went into TLS.
  Duration time_of_tls(Instant now) const {
    return tls_ != nullptr ? now - connected_ : Duration::zero();
  }
  /// Of whoever waits for it; ended early as soon as it is done.
  Sleep* waiter = nullptr;

 private:
  friend class Endpoint;

  Connect connect_;
  Deadline latest_;
  std::string introduction_;  // sent before anything else
  Instant connected_{};
  std::unique_ptr<TlsOpening> tls_;
  Http2Pool::Session* session_ = nullptr;  // waits for its endpoint's hello
  Opening* leader_ = nullptr;              // nothing is opened but what that one opens
  std::optional<OpenError> error_;         // of HTTP/2, or the leader's
  std::uint32_t followers_ = 0;
  bool only_http1_ = false;
  bool is_http2_ = false;
  bool is_done_ = false;
  bool is_abandoned_ = false;
};

}  // namespace gg
