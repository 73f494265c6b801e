// SPDX-License-Identifier: Apache-2.0
// A client's HTTP/1 connection: heads in, responses out, one exchange after the other. gate/ loops
// over it, proxy/ sees it as a ServerStream.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "http/stream.h"
#include "http1/head_parser.h"
#include "http1/wire.h"

namespace gg {

struct Http1ServerSettings {
  HeadLimits limits;
  Duration idle{};  // until the first byte of a head; zero: no limit
  Duration head{};  // from there to its end
};

class Http1ServerConnection final : public ServerStream {
 public:
  /// `settings` outlives the connection.
  Http1ServerConnection(std::unique_ptr<ByteStream> bytes, const Http1ServerSettings& settings)
      : wire_(std::move(bytes)), settings_(settings) {}

  /// Before anything else: what was read already.
  void begin_with(Chunk first) { wire_.accept(std::move(first)); }
  /// Has some of the next request come already?
  bool request_has_begun();
  /// Waits for its first bytes. Apart from read_head, so that an idle connection keeps little
  /// memory. Errors: ended_before_head (an orderly end), deadline, cancelled by interrupt_idling.
  Task<Result<void, StreamError>> wait_for_request();
  /// The next request's head, strictly parsed, its framing decided; waits for it if need be.
  Task<Result<RequestHead, StreamError>> read_head();
  /// Ends a wait for a next request, if that is what the connection does now.
  void interrupt_idling();
  bool is_idle() const { return waits_for_ == WaitsFor::request; }

  Address local_address() const override { return wire_.bytes().local_address(); }
  Task<Result<BodyPart, StreamError>> read_body(Deadline deadline) override;
  bool body_is_ready() const override { return wire_.body_is_ready(); }
  void interrupt_reading() override {
    if (waits_for_ == WaitsFor::body) wire_.interrupt_reading();
  }
  Task<Result<void, StreamError>> send_interim(const OutgoingResponse& response,
                                               SendLimit limit) override;
  Task<Result<void, StreamError>> send_head(const OutgoingResponse& response, BodyPart first,
                                            SendLimit limit) override;
  Task<Result<void, StreamError>> send_body(BodyPart part, SendLimit limit) override;
  void release_part() override { wire_.consume(0); }
  Task<bool> await_departure() override;
  void stop_awaiting_departure() override;
  /// What was sent before still arrives, if close_gracefully() follows.
  void abort() override;
  /// Ends the connection at once, whatever it waits for; a message under way visibly breaks off.
  void end_now();

  /// The response to come is the last on this connection, and says so.
  void close_after_response() { persists_ = false; }
  /// After an exchange: may another request be read?
  bool may_serve_again() const;
  /// Ends the connection so that the response just sent still arrives, even if the client goes on
  /// sending, this request or a next one (RFC 9112 9.6): finishes sending, then reads and drops
  /// for at most two seconds.
  Task<void> close_gracefully();

  const Framing& request_framing() const { return framing_; }
  bool request_body_is_complete() const { return wire_.body_is_complete(); }
  /// When the first byte of the present head came.
  Instant head_began() const { return head_began_; }
  std::uint64_t head_bytes() const { return head_bytes_; }
  std::uint64_t body_bytes_read() const { return wire_.body_read(); }
  std::uint64_t body_bytes_sent() const { return wire_.body_sent(); }
  ByteStream& bytes() const { return wire_.bytes(); }
  std::string_view unread() const { return wire_.unread(); }
  /// The connection itself and what is unread, for another protocol; this one must not be used any
  /// more.
  std::pair<std::unique_ptr<ByteStream>, Chunk> hand_over() {
    Chunk unread = wire_.take_input();
    return {wire_.take_bytes(), std::move(unread)};
  }

 private:
  /// What a read that waits is for.
  enum class WaitsFor : std::uint8_t { body, request, departure };

  Result<bool, StreamError> parse_head(HeadProgress& progress, RequestHead& head);
  Http1Wire::Outgoing begin_response_body(const OutgoingResponse& response);

  Http1Wire wire_;
  const Http1ServerSettings& settings_;
  Framing framing_;
  Instant head_began_{};
  std::uint32_t head_bytes_ = 0;
  Method method_ = Method::other;
  HttpVersion version_ = HttpVersion::http11;
  WaitsFor waits_for_ = WaitsFor::body;
  bool interrupted_ = false;
  bool answered_ = false;          // a final head was sent for the present request
  bool client_may_go_on_ = false;  // it was answered, and has not ended the connection itself
  bool aborted_ = false;
};

}  // namespace gg
