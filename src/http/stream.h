// SPDX-License-Identifier: Apache-2.0
// One request and its response as the exchange sees them, whatever protocol carries them: the seam
// between proxy/ and http1/, http2/.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "engine/address.h"
#include "engine/io_error.h"
#include "http/framing.h"
#include "http/head.h"
#include "http/message_error.h"
#include "task/task.h"

namespace gg {

/// Why a stream could not go on: the message was bad (or ended early), or the transport failed.
struct StreamError {
  MessageError message = MessageError::none;
  IoError io{};  // meaningful when message is none, but for the number that some messages have

  static StreamError of(MessageError error) { return {.message = error, .io = {}}; }
  /// With an error code of HTTP/2 (RFC 9113 7).
  static StreamError of(MessageError error, std::uint32_t code) {
    return {.message = error,
            .io = {.kind = IoError::Kind::other, .number = static_cast<int>(code)}};
  }
  static StreamError of(IoError error) { return {.message = MessageError::none, .io = error}; }
};

/// A run of body bytes. They belong to the stream they were read from and live until its next read.
struct BodyPart {
  std::string_view bytes;
  bool last = false;                 // the body is complete, trailers included
  const Fields* trailers = nullptr;  // with the last part, if there are any; as long as the part
};

/// How long the body of a message to be sent is.
struct BodyPlan {
  enum class Kind : std::uint8_t {
    none,     // no body; `length`, if there, is only told (HEAD, 304)
    length,   // exactly `length` bytes
    unknown,  // until the part marked last
  };
  Kind kind = Kind::none;
  std::optional<std::uint64_t> length;
};

/// A response on its way to the client. The fields are those to be passed on: no framing field, no
/// hop-by-hop field; the stream adds what its protocol needs. Borrows.
struct OutgoingResponse {
  int status = 0;
  std::string_view reason;
  std::span<const Field> fields;
  std::span<const Field> more_fields;  // added by the gateway
  BodyPlan body;
  std::string_view upgrade;  // for 101: the protocol changed to
};

/// A request on its way to an endpoint. Borrows, as OutgoingResponse does.
struct OutgoingRequest {
  Method method = Method::other;
  std::string_view method_text;
  std::string_view target;
  std::string_view authority;
  std::span<const Field> fields;
  std::span<const Field> more_fields;
  BodyPlan body;
  std::string_view upgrade;  // the protocol asked for; empty: none
  bool expects_continue = false;
};

/// The half that both sides share: bodies. One reader and one writer at a time.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  /// The next part of the body. May be empty without being last (after an interruption, never
  /// otherwise). Not to be called after the last part.
  virtual Task<Result<BodyPart, StreamError>> read_body(Deadline deadline) = 0;
  /// Makes a waiting read_body fail with IoError cancelled; the stream can be read again.
  virtual void interrupt_reading() = 0;
  /// Would read_body give something (or fail) at once?
  virtual bool body_is_ready() const = 0;
  virtual Task<Result<void, StreamError>> send_body(BodyPart part, SendLimit limit) = 0;
  /// Gives the stream up at once so that the peer cannot take what it got for a whole message.
  virtual void abort() = 0;
};

/// A request from a client, and the way to answer it.
class ServerStream : public Stream {
 public:
  /// Bytes of the final response's head as they were written; 0 before.
  std::uint32_t response_head_bytes() const { return response_head_bytes_; }
  /// What the client connected to; none if it has left.
  virtual Address local_address() const = 0;
  /// Does the connection stay for further requests, as far as is known?
  bool keeps_connection() const { return persists_; }

  /// A head of an interim response (1xx but 101); any number before send_head.
  virtual Task<Result<void, StreamError>> send_interim(const OutgoingResponse& response,
                                                       SendLimit limit) = 0;
  /// The head, with the first part of the body if that is there already. Once.
  virtual Task<Result<void, StreamError>> send_head(const OutgoingResponse& response,
                                                    BodyPart first, SendLimit limit) = 0;

  /// The part that read_body gave last is needed no more: its memory may serve others.
  virtual void release_part() = 0;

  /// Waits until the client has left: its connection was reset, or its side ended with no further
  /// request behind. True: it has. False: stop_awaiting_departure() was called. Only between the
  /// end of the request's body and the end of the exchange, and never while read_body waits.
  virtual Task<bool> await_departure() = 0;
  virtual void stop_awaiting_departure() = 0;

 protected:
  std::uint32_t response_head_bytes_ = 0;
  bool persists_ = true;
};

/// A request of ours to an endpoint, and its response.
class ClientStream : public Stream {
 public:
  /// The head, with the first part of the body if that is there already. Once.
  virtual Task<Result<void, StreamError>> send_head(const OutgoingRequest& request, BodyPart first,
                                                    SendLimit limit) = 0;
  /// The next head, interim ones included. The stream keeps the framing of the final one.
  virtual Task<Result<ResponseHead, StreamError>> read_head(Deadline deadline) = 0;
  /// Stops sending the request, of which a part is missing then; the response can still be read.
  virtual void interrupt_sending() = 0;

  /// The framing of the final response; after read_head gave it.
  virtual const Framing& response_framing() const = 0;
  virtual bool request_is_sent() const = 0;
  virtual bool response_is_complete() const = 0;
  /// Bytes that came and belong to no response: excess, or what could not be parsed.
  virtual std::string_view unread() const = 0;
  /// Of the present exchange.
  virtual std::uint64_t bytes_read() const = 0;
  virtual std::uint64_t bytes_written() const = 0;
  /// The TLS alert by which the endpoint broke the connection off; 0: none.
  virtual int alert_received() const = 0;
};

}  // namespace gg
