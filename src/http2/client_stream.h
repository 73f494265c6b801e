// SPDX-License-Identifier: Apache-2.0
// One request of ours on an endpoint's HTTP/2 connection, and its response: what proxy/ sees as a
// ClientStream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/intrusive_list.h"
#include "engine/engine.h"
#include "http/stream.h"

namespace gg {

class Http2ClientConnection;

/// Lives as long as its attempt, whatever becomes of the stream on the wire; dies before its
/// connection. Dying, it takes back what was not answered to its end.
class Http2ClientStream final : public ClientStream, public ListNode {
 public:
  /// Counts as one of the connection's from now on. `asks_first`: the request is not sent before
  /// the endpoint has shown that it is there.
  Http2ClientStream(Http2ClientConnection& connection, bool asks_first);
  ~Http2ClientStream() override;

  Task<Result<void, StreamError>> send_head(const OutgoingRequest& request, BodyPart first,
                                            SendLimit limit) override;
  Task<Result<void, StreamError>> send_body(BodyPart part, SendLimit limit) override;
  Task<Result<ResponseHead, StreamError>> read_head(Deadline deadline) override;
  Task<Result<BodyPart, StreamError>> read_body(Deadline deadline) override;
  bool body_is_ready() const override {
    return !in_.empty() || has_ended_ || is_gone() || in_error_ != MessageError::none;
  }
  void interrupt_reading() override;
  void interrupt_sending() override;
  void abort() override;

  const Framing& response_framing() const override { return framing_; }
  bool request_is_sent() const override { return is_request_sent_; }
  bool response_is_complete() const override { return has_ended_ && in_.empty(); }
  std::string_view unread() const override { return {}; }
  std::uint64_t bytes_read() const override { return bytes_read_; }
  std::uint64_t bytes_written() const override;
  int alert_received() const override;

 private:
  friend class Http2ClientConnection;
  friend struct Http2ClientCallbacks;

  static constexpr std::size_t interim_responses_max = 16;

  // From the wire.
  void accept_head(Result<ResponseHead, MessageError> head, bool ends);
  void accept_final(ResponseHead head, bool ends);
  void accept_trailers(Result<Fields, MessageError> trailers, bool ends);
  void accept_body(std::string_view bytes);
  void end_body();
  void fail_body(MessageError error);
  /// Nothing more comes or goes.
  void lose(const StreamError& error);

  bool is_gone() const { return lost_.has_value() || is_aborted_; }
  StreamError why_gone() const;
  std::optional<Result<ResponseHead, StreamError>> next_head();
  std::optional<Result<BodyPart, StreamError>> next_part();
  void give_back_lent();
  Task<void> await_news(Deadline deadline);
  Task<Result<void, StreamError>> await_answer(Deadline deadline);
  Task<Result<void, StreamError>> await_sent(SendLimit limit);
  void wake_reader();
  void wake_writer();

  Http2ClientConnection& connection_;
  std::int32_t id_ = 0;           // 0: not sent
  std::string websocket_accept_;  // for the client, if the endpoint opens the WebSocket
  Method method_ = Method::other;

  // The request.
  std::string_view part_;  // what is being sent
  Instant taken_at_;       // when some of it was taken last
  const Fields* part_trailers_ = nullptr;
  Sleep* writer_ = nullptr;
  std::uint64_t head_offset_ = UINT64_MAX;  // in the connection's output
  std::uint64_t bytes_written_ = 0;
  Instant sent_at_{};
  bool has_part_ = false;
  bool is_last_part_ = false;
  bool is_request_sent_ = false;
  bool is_sending_interrupted_ = false;
  bool asks_first_;
  bool is_websocket_ = false;  // it is asked for as RFC 8441 says

  // The response.
  std::vector<ResponseHead> interims_;  // not read yet
  std::size_t interims_seen_ = 0;
  std::optional<ResponseHead> head_;  // likewise, the final one
  Framing framing_;
  Chunk in_;
  Chunk lent_;
  std::size_t unread_ = 0;  // bytes whose windows were not given back
  std::uint64_t received_ = 0;
  std::uint64_t bytes_read_ = 0;
  Fields trailers_;
  MessageError in_error_ = MessageError::none;
  Sleep* reader_ = nullptr;
  bool has_head_ = false;
  bool has_ended_ = false;
  bool is_interrupted_ = false;

  std::optional<StreamError> lost_;
  std::uint32_t reset_code_ = 0;  // of the endpoint, if it has reset the stream
  bool was_reset_ = false;
  bool is_closed_ = false;  // on the wire
  bool is_aborted_ = false;
};

}  // namespace gg
