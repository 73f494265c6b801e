// SPDX-License-Identifier: Apache-2.0
#include "http2/client_stream.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "http/status.h"
#include "http2/client.h"
#include "http2/websocket_accept.h"

namespace gg {
namespace {

/// Longer than anything is waited for.
constexpr Duration endless = 24h;
constexpr StreamError time_is_up = {.message = MessageError::none,
                                    .io = {.kind = IoError::Kind::deadline, .number = 0}};
constexpr StreamError cancelled = {.message = MessageError::none,
                                   .io = {.kind = IoError::Kind::cancelled, .number = 0}};
constexpr std::size_t smallest_buffer = std::size_t{4} << 10;

Instant end_of(Deadline deadline, Instant now) {
  return deadline.is_never() ? now + endless : deadline.when();
}

/// Nobody can be asked for any other protocol (RFC 9113 8.6).
bool asks_for_websocket(const OutgoingRequest& request) {
  return equal_ignoring_case(request.upgrade, "websocket");
}

std::string accept_for(const OutgoingRequest& request) {
  auto key = std::ranges::find_if(request.fields, is_websocket_key);
  return key == request.fields.end() ? std::string() : websocket_accept(key->value);
}

}  // namespace

Http2ClientStream::Http2ClientStream(Http2ClientConnection& connection, bool asks_first)
    : connection_(connection), asks_first_(asks_first) {
  connection.streams_.push_back(*this);
  ++connection.stream_count_;
}

Http2ClientStream::~Http2ClientStream() { connection_.forget(*this); }

std::uint64_t Http2ClientStream::bytes_written() const {
  return connection_.has_left(head_offset_) ? bytes_written_ : 0;
}

int Http2ClientStream::alert_received() const {
  return connection_.bytes_ != nullptr ? connection_.bytes_->alert_received() : 0;
}

// From the wire
// ---------------------------------------------------------------------------------------

void Http2ClientStream::accept_head(Result<ResponseHead, MessageError> head, bool ends) {
  if (in_error_ != MessageError::none) return;
  if (!head) {
    fail_body(head.error());
  } else if (!is_interim(head->status) || head->status == 101) {
    accept_final(std::move(*head), ends);
  } else if (ends) {  // RFC 9113 8.1
    fail_body(MessageError::ended_in_head);
  } else if (++interims_seen_ > interim_responses_max) {
    fail_body(MessageError::too_many_interim_responses);
  } else {
    interims_.push_back(std::move(*head));
    wake_reader();
  }
}

/// The framing of the message and what it says of itself must agree (RFC 9113 8.1.1).
void Http2ClientStream::accept_final(ResponseHead head, bool ends) {
  Result<Framing, MessageError> framing = decide_response_framing(method_, head);
  if (!framing) {
    fail_body(framing.error());
    return;
  }
  framing_ = *framing;
  framing_.persistence = Framing::Persistence::keep_alive;
  if (framing_.kind == Framing::Kind::until_close) {
    // A gRPC response of trailers only has no body whose length could be told.
    bool has_no_body = ends && head.fields.find("grpc-status") == nullptr;
    framing_.kind = has_no_body ? Framing::Kind::length : Framing::Kind::chunked;
  }
  head_ = std::move(head);
  has_head_ = true;
  if (ends) end_body();
  wake_reader();
}

void Http2ClientStream::accept_body(std::string_view bytes) {
  unread_ += bytes.size();
  received_ += bytes.size();
  bytes_read_ += bytes.size();
  if (!has_head_) fail_body(MessageError::http2_violation);
  bool has_limit = framing_.kind == Framing::Kind::length || framing_.kind == Framing::Kind::none;
  std::uint64_t limit = framing_.kind == Framing::Kind::length ? framing_.length : 0;
  if (has_limit && received_ > limit) fail_body(MessageError::excess_bytes);
  if (in_error_ != MessageError::none) return;
  if (in_.spare().size() < bytes.size()) {
    std::size_t size = std::max(2 * in_.size() + bytes.size(), smallest_buffer);
    Chunk larger = connection_.engine_.buffers().take(size);
    if (!in_.empty()) larger.append(in_.view());
    in_ = std::move(larger);
  }
  in_.append(bytes);
  wake_reader();
}

void Http2ClientStream::end_body() {
  if (in_error_ != MessageError::none) return;
  bool is_short = framing_.kind == Framing::Kind::length && received_ < framing_.length;
  if (!has_head_) {
    fail_body(MessageError::ended_in_head);
  } else if (is_short) {
    fail_body(MessageError::ended_in_body);
  } else {
    has_ended_ = true;
  }
  wake_reader();
}

void Http2ClientStream::accept_trailers(Result<Fields, MessageError> trailers, bool ends) {
  if (!ends) {  // RFC 9113 8.1: a second header block that is no trailers
    fail_body(MessageError::bad_trailer);
  } else if (!trailers) {
    fail_body(trailers.error());
  } else {
    trailers_ = std::move(*trailers);
    end_body();
  }
}

void Http2ClientStream::fail_body(MessageError error) {
  if (in_error_ == MessageError::none) in_error_ = error;
  wake_reader();
}

void Http2ClientStream::lose(const StreamError& error) {
  if (!lost_) lost_ = error;
  wake_reader();
  wake_writer();
}

void Http2ClientStream::wake_reader() {
  if (reader_ != nullptr) connection_.engine_.cancel(*reader_);
}

void Http2ClientStream::wake_writer() {
  if (writer_ != nullptr) connection_.engine_.cancel(*writer_);
}

StreamError Http2ClientStream::why_gone() const { return is_aborted_ ? cancelled : *lost_; }

// The response
// ----------------------------------------------------------------------------------------

Task<void> Http2ClientStream::await_news(Deadline deadline) {
  Engine& engine = connection_.engine_;
  Sleep wait(engine, end_of(deadline, engine.now()));
  reader_ = &wait;
  co_await wait;
  reader_ = nullptr;
}

std::optional<Result<ResponseHead, StreamError>> Http2ClientStream::next_head() {
  if (!interims_.empty()) {
    ResponseHead head = std::move(interims_.front());
    interims_.erase(interims_.begin());
    return head;
  }
  if (head_) return *std::exchange(head_, std::nullopt);
  if (in_error_ != MessageError::none) return Failure(StreamError::of(in_error_));
  if (is_gone()) return Failure(why_gone());
  return std::nullopt;
}

Task<Result<ResponseHead, StreamError>> Http2ClientStream::read_head(Deadline deadline) {
  is_interrupted_ = false;
  for (;;) {
    std::optional<Result<ResponseHead, StreamError>> head = next_head();
    if (head) co_return std::move(*head);
    if (is_interrupted_) co_return Failure(cancelled);
    if (deadline.has_passed(connection_.engine_.now())) co_return Failure(time_is_up);
    co_await await_news(deadline);
  }
}

/// Only what was consumed gives its windows back: an endpoint sends no faster than the client
/// takes.
void Http2ClientStream::give_back_lent() {
  if (lent_.empty()) return;
  unread_ -= lent_.size();
  connection_.consume(id_, lent_.size());
  lent_.reset();
}

std::optional<Result<BodyPart, StreamError>> Http2ClientStream::next_part() {
  bool has_trailers = trailers_.size() > 0;
  if (!in_.empty()) {
    lent_ = std::move(in_);
    return BodyPart{.bytes = lent_.view(), .last = has_ended_ && !has_trailers};
  }
  if (in_error_ != MessageError::none) return Failure(StreamError::of(in_error_));
  if (has_ended_) {
    return BodyPart{.bytes = {}, .last = true, .trailers = has_trailers ? &trailers_ : nullptr};
  }
  if (is_gone()) return Failure(why_gone());
  return std::nullopt;
}

Task<Result<BodyPart, StreamError>> Http2ClientStream::read_body(Deadline deadline) {
  give_back_lent();
  is_interrupted_ = false;
  for (;;) {
    std::optional<Result<BodyPart, StreamError>> part = next_part();
    if (part) co_return *part;
    if (is_interrupted_) co_return Failure(cancelled);
    if (deadline.has_passed(connection_.engine_.now())) co_return Failure(time_is_up);
    co_await await_news(deadline);
  }
}

void Http2ClientStream::interrupt_reading() {
  if (reader_ == nullptr) return;
  is_interrupted_ = true;
  wake_reader();
}

// The request
// -----------------------------------------------------------------------------------------

Task<Result<void, StreamError>> Http2ClientStream::send_head(const OutgoingRequest& request,
                                                             BodyPart first, SendLimit limit) {
  if (!is_gone() && asks_first_) {
    Result<void, StreamError> answered = co_await await_answer(limit.deadline());
    if (!answered) {
      lose(answered.error());
      co_return answered;
    }
  }
  if (is_gone()) co_return Failure(why_gone());
  method_ = request.method;
  bool has_body = request.body.kind != BodyPlan::Kind::none;
  bool is_empty = first.last && first.bytes.empty() && first.trailers == nullptr;
  bool is_of_no_length =
      request.body.kind == BodyPlan::Kind::length && request.body.length.value_or(0) == 0;
  if (is_empty || is_of_no_length) has_body = false;
  if (has_body) {
    part_ = first.bytes;
    part_trailers_ = first.trailers;
    is_last_part_ = first.last;
    has_part_ = first.last || !first.bytes.empty();
  } else {
    is_request_sent_ = true;
  }
  is_websocket_ = asks_for_websocket(request);
  if (is_websocket_) websocket_accept_ = accept_for(request);
  connection_.submit(*this, request, has_body || is_websocket_);
  connection_.pump();
  connection_.write_soon();
  if (!has_part_) co_return Result<void, StreamError>();
  co_return co_await await_sent(limit);
}

Task<Result<void, StreamError>> Http2ClientStream::send_body(BodyPart part, SendLimit limit) {
  if (is_gone()) co_return Failure(why_gone());
  if (part.bytes.empty() && !part.last) co_return Result<void, StreamError>();
  part_ = part.bytes;
  part_trailers_ = part.trailers;
  is_last_part_ = part.last;
  has_part_ = true;
  is_sending_interrupted_ = false;
  connection_.resume(*this);
  connection_.pump();
  connection_.write_soon();
  if (!has_part_) co_return Result<void, StreamError>();
  co_return co_await await_sent(limit);
}

/// Until the endpoint's windows and the connection's output have taken the part, whose bytes are
/// the caller's.
Task<Result<void, StreamError>> Http2ClientStream::await_sent(SendLimit limit) {
  Engine& engine = connection_.engine_;
  taken_at_ = engine.now();
  while (has_part_) {
    limit.taken(taken_at_);
    bool is_late = !limit.renew(engine.now());
    if (is_gone() || is_late || is_sending_interrupted_) {
      has_part_ = false;
      if (is_gone()) co_return Failure(why_gone());
      co_return Failure(is_late ? time_is_up : cancelled);
    }
    Sleep wait(engine, end_of(limit.deadline(), engine.now()));
    writer_ = &wait;
    co_await wait;
    writer_ = nullptr;
  }
  co_return Result<void, StreamError>();
}

/// Until the endpoint has answered a question that was put after this began.
Task<Result<void, StreamError>> Http2ClientStream::await_answer(Deadline deadline) {
  Engine& engine = connection_.engine_;
  Deadline patience =
      Deadline::after(engine.now(), connection_.settings_.answer).or_earlier(deadline);
  connection_.ask();
  std::uint32_t question = connection_.questions_;
  while (connection_.answers_ < question) {
    if (is_gone()) co_return Failure(why_gone());
    if (patience.has_passed(engine.now())) {
      connection_.retire();
      co_return Failure(time_is_up);
    }
    co_await await_news(patience);
  }
  co_return Result<void, StreamError>();
}

void Http2ClientStream::interrupt_sending() {
  if (!has_part_) return;
  is_sending_interrupted_ = true;
  wake_writer();
}

void Http2ClientStream::abort() {
  if (is_aborted_) return;
  is_aborted_ = true;
  wake_reader();
  wake_writer();
}

}  // namespace gg
