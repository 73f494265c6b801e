// SPDX-License-Identifier: Apache-2.0
// One request of a client's HTTP/2 connection and the way to answer it: what proxy/ sees as a
// ServerStream. server.h makes them; gate/ serves each in a coroutine of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.h"
#include "base/intrusive_list.h"
#include "engine/engine.h"
#include "http/stream.h"
#include "task/frame_pool.h"

namespace gg {

class Http2ServerConnection;

/// Lives as long as it is served, whatever becomes of the stream on the wire; dies before its
/// connection. Dying, it takes back what was not said to its end.
class Http2ServerStream final : public ServerStream, public ListNode {
 public:
  Http2ServerStream(Http2ServerConnection& connection, std::int32_t id, Instant began);
  ~Http2ServerStream() override;

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* stream, std::size_t size) noexcept {
    release_frame(stream, size);
  }

  /// The request, or what is wrong with it. Once.
  Result<RequestHead, MessageError> take_head() { return std::move(head_); }
  const BodyPlan& body_plan() const { return plan_; }
  /// When the first byte of the head came.
  Instant head_began() const { return began_; }
  std::uint64_t head_bytes() const { return head_bytes_; }

  Address local_address() const override;
  Task<Result<BodyPart, StreamError>> read_body(Deadline deadline) override;
  bool body_is_ready() const override {
    return !in_.empty() || has_ended_ || is_gone_ || in_error_ != MessageError::none;
  }
  void interrupt_reading() override;
  Task<Result<void, StreamError>> send_interim(const OutgoingResponse& response,
                                               SendLimit limit) override;
  Task<Result<void, StreamError>> send_head(const OutgoingResponse& response, BodyPart first,
                                            SendLimit limit) override;
  Task<Result<void, StreamError>> send_body(BodyPart part, SendLimit limit) override;
  void release_part() override { give_back_lent(); }
  Task<bool> await_departure() override;
  void stop_awaiting_departure() override;
  void abort() override;

  /// The response, if it can be given at all, is the last thing said: the request was malformed.
  void refuse_rest() { is_malformed_ = true; }
  /// Has the client taken the request back, or left?
  bool is_gone() const { return is_gone_; }

 private:
  friend class Http2ServerConnection;
  friend struct Http2ServerCallbacks;

  enum class WaitsFor : std::uint8_t { nothing, body, departure };

  // From the wire.
  void accept_head(Result<RequestHead, MessageError> head, bool ends);
  void accept_trailers(Result<Fields, MessageError> trailers, bool ends);
  void accept_body(std::string_view bytes);
  void end_body();
  void fail_body(MessageError error);
  /// Nobody is there any more: the client took the request back, or its connection is lost.
  void lose();

  /// What a status means to who asked for a WebSocket by CONNECT.
  int status_said(int status) const;
  std::optional<Result<BodyPart, StreamError>> next_part();
  void give_back_lent();
  Task<Result<void, StreamError>> await_sent(SendLimit limit);
  bool is_sent() const { return is_head_sent_ && !has_part_; }
  void wake_reader();
  void wake_writer();

  Http2ServerConnection& connection_;
  std::int32_t id_;
  std::uint32_t head_bytes_ = 0;
  Instant began_;
  Result<RequestHead, MessageError> head_ = Failure(MessageError::ended_in_head);
  BodyPlan plan_;
  Method method_ = Method::other;
  bool is_websocket_ = false;    // asked for by CONNECT (RFC 8441)
  bool is_socket_open_ = false;  // and answered by 200

  // The request's body.
  Chunk in_;
  Chunk lent_;
  std::size_t unread_ = 0;  // bytes whose windows were not given back
  std::uint64_t received_ = 0;
  Fields trailers_;
  MessageError in_error_ = MessageError::none;
  WaitsFor waits_for_ = WaitsFor::nothing;
  Sleep* reader_ = nullptr;
  bool is_interrupted_ = false;
  bool has_ended_ = false;

  // The response.
  std::string_view part_;  // what is being sent
  Instant taken_at_;       // when some of it was taken last
  const Fields* part_trailers_ = nullptr;
  Sleep* writer_ = nullptr;
  std::uint32_t interims_ = 0;  // not written yet
  bool has_part_ = false;
  bool is_last_part_ = false;
  bool is_head_sent_ = false;
  bool is_answered_ = false;  // to the last byte

  bool is_gone_ = false;
  bool is_aborted_ = false;
  bool is_malformed_ = false;
};

}  // namespace gg
