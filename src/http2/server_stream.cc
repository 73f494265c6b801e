// SPDX-License-Identifier: Apache-2.0
#include "http2/server_stream.h"

#include <algorithm>
#include <utility>

#include "http/framing.h"
#include "http/status.h"
#include "http2/server.h"

namespace gg {
namespace {

/// Longer than anything is waited for.
constexpr Duration endless = 24h;
constexpr StreamError client_left = {.message = MessageError::none,
                                     .io = {.kind = IoError::Kind::reset, .number = 0}};
constexpr StreamError time_is_up = {.message = MessageError::none,
                                    .io = {.kind = IoError::Kind::deadline, .number = 0}};
constexpr StreamError interrupted = {.message = MessageError::none,
                                     .io = {.kind = IoError::Kind::cancelled, .number = 0}};
constexpr std::size_t smallest_buffer = std::size_t{4} << 10;

Instant end_of(Deadline deadline, Instant now) {
  return deadline.is_never() ? now + endless : deadline.when();
}

/// A request of which it is known that no body follows. Endpoints expect a length with methods
/// that usually have one (RFC 9110 8.6).
BodyPlan plan_without_body(Method method) {
  bool usually_has_one = method == Method::post || method == Method::put ||
                         method == Method::patch || method == Method::other;
  if (usually_has_one) return {.kind = BodyPlan::Kind::length, .length = 0};
  return {};
}

}  // namespace

Http2ServerStream::Http2ServerStream(Http2ServerConnection& connection, std::int32_t id,
                                     Instant began)
    : connection_(connection), id_(id), began_(began) {
  persists_ = connection.persists();
}

Http2ServerStream::~Http2ServerStream() { connection_.forget(*this); }

Address Http2ServerStream::local_address() const { return connection_.bytes().local_address(); }

// From the wire
// ---------------------------------------------------------------------------------------

/// The framing of the message and what it says of itself must agree (RFC 9113 8.1.1).
void Http2ServerStream::accept_head(Result<RequestHead, MessageError> head, bool ends) {
  has_ended_ = ends;
  if (!head) {
    head_ = Failure(head.error());
    return;
  }
  Result<Framing, MessageError> framing = decide_request_framing(*head);
  if (!framing) {
    head_ = Failure(framing.error());
    return;
  }
  method_ = head->method;
  is_websocket_ = head->fields.has(FieldName::upgrade);
  // What follows is no body, and something has to follow.
  if (is_websocket_ && (ends || framing->has_body())) {
    head_ = Failure(MessageError::bad_content_length);
    return;
  }
  bool has_length = framing->kind == Framing::Kind::length;
  if (ends && framing->has_body()) {
    head_ = Failure(MessageError::bad_content_length);
    return;
  }
  if (is_websocket_) {
    plan_ = {};
  } else if (has_length) {
    plan_ = {.kind = BodyPlan::Kind::length, .length = framing->length};
  } else {
    plan_ =
        ends ? plan_without_body(method_) : BodyPlan{.kind = BodyPlan::Kind::unknown, .length = {}};
  }
  head_ = std::move(head);
}

void Http2ServerStream::accept_body(std::string_view bytes) {
  unread_ += bytes.size();
  received_ += bytes.size();
  if (plan_.length && received_ > *plan_.length) fail_body(MessageError::excess_bytes);
  if (in_error_ != MessageError::none || !head_) return;
  if (in_.spare().size() < bytes.size()) {
    std::size_t size = std::max(2 * in_.size() + bytes.size(), smallest_buffer);
    Chunk larger = connection_.engine_.buffers().take(size);
    if (!in_.empty()) larger.append(in_.view());
    in_ = std::move(larger);
  }
  in_.append(bytes);
  wake_reader();
}

void Http2ServerStream::end_body() {
  if (plan_.length && received_ < *plan_.length) fail_body(MessageError::ended_in_body);
  has_ended_ = true;
  wake_reader();
}

void Http2ServerStream::accept_trailers(Result<Fields, MessageError> trailers, bool ends) {
  if (!ends || is_websocket_) {  // RFC 9113 8.1, 8.5: a header block that is no trailers
    fail_body(MessageError::bad_trailer);
  } else if (!trailers) {
    fail_body(trailers.error());
  } else {
    trailers_ = std::move(*trailers);
    end_body();
  }
}

void Http2ServerStream::fail_body(MessageError error) {
  if (in_error_ == MessageError::none) in_error_ = error;
  is_malformed_ = true;
  wake_reader();
}

void Http2ServerStream::lose() {
  is_gone_ = true;
  wake_reader();
  wake_writer();
}

void Http2ServerStream::wake_reader() {
  if (reader_ != nullptr) connection_.engine_.cancel(*reader_);
}

void Http2ServerStream::wake_writer() {
  if (writer_ != nullptr) connection_.engine_.cancel(*writer_);
}

// The request's body
// ----------------------------------------------------------------------------------

/// Only what was consumed gives its windows back: a client sends no faster than the endpoint takes.
void Http2ServerStream::give_back_lent() {
  if (lent_.empty()) return;
  unread_ -= lent_.size();
  connection_.consume(id_, lent_.size());
  lent_.reset();
}

std::optional<Result<BodyPart, StreamError>> Http2ServerStream::next_part() {
  if (in_error_ != MessageError::none) return Failure(StreamError::of(in_error_));
  bool has_trailers = trailers_.size() > 0;
  if (!in_.empty()) {
    lent_ = std::move(in_);
    return BodyPart{.bytes = lent_.view(), .last = has_ended_ && !has_trailers};
  }
  if (has_ended_) {
    return BodyPart{.bytes = {}, .last = true, .trailers = has_trailers ? &trailers_ : nullptr};
  }
  if (is_gone_ || is_aborted_) return Failure(client_left);
  return std::nullopt;
}

Task<Result<BodyPart, StreamError>> Http2ServerStream::read_body(Deadline deadline) {
  Engine& engine = connection_.engine_;
  give_back_lent();
  is_interrupted_ = false;
  for (;;) {
    std::optional<Result<BodyPart, StreamError>> part = next_part();
    if (part) co_return *part;
    if (is_interrupted_) co_return Failure(interrupted);
    if (deadline.has_passed(engine.now())) co_return Failure(time_is_up);
    Sleep wait(engine, end_of(deadline, engine.now()));
    reader_ = &wait;
    waits_for_ = WaitsFor::body;
    co_await wait;
    waits_for_ = WaitsFor::nothing;
    reader_ = nullptr;
  }
}

void Http2ServerStream::interrupt_reading() {
  if (waits_for_ != WaitsFor::body) return;
  is_interrupted_ = true;
  wake_reader();
}

Task<bool> Http2ServerStream::await_departure() {
  Engine& engine = connection_.engine_;
  is_interrupted_ = false;
  while (!is_gone_ && !is_interrupted_) {
    Sleep wait(engine, engine.now() + endless);
    reader_ = &wait;
    waits_for_ = WaitsFor::departure;
    co_await wait;
    waits_for_ = WaitsFor::nothing;
    reader_ = nullptr;
  }
  co_return is_gone_;
}

void Http2ServerStream::stop_awaiting_departure() {
  if (waits_for_ != WaitsFor::departure) return;
  is_interrupted_ = true;
  wake_reader();
}

// The response
// ----------------------------------------------------------------------------------------

Task<Result<void, StreamError>> Http2ServerStream::send_interim(const OutgoingResponse& response,
                                                                SendLimit /*limit*/) {
  if (is_gone_ || is_aborted_) co_return Failure(client_left);
  connection_.submit_interim(*this, response);
  co_return Result<void, StreamError>();
}

/// 200 opens the socket (RFC 8441 5). An endpoint that answers so without an upgrade has opened
/// none.
int Http2ServerStream::status_said(int status) const {
  constexpr int bad_gateway = 502;
  if (!is_websocket_) return status;
  if (status == 101) return 200;
  return status >= 200 && status < 300 ? bad_gateway : status;
}

Task<Result<void, StreamError>> Http2ServerStream::send_head(const OutgoingResponse& response,
                                                             BodyPart first, SendLimit limit) {
  if (is_gone_ || is_aborted_) co_return Failure(client_left);
  persists_ = connection_.persists();
  bool opens_socket = is_websocket_ && response.status == 101;
  bool is_bodiless = method_ == Method::head || forbids_body(response.status) ||
                     response.body.kind == BodyPlan::Kind::none;
  bool is_empty = first.last && first.bytes.empty() && first.trailers == nullptr;
  bool has_body = opens_socket || (!is_bodiless && !is_empty);
  is_socket_open_ = opens_socket;
  if (has_body) {
    part_ = first.bytes;
    part_trailers_ = first.trailers;
    is_last_part_ = first.last;
    has_part_ = first.last || !first.bytes.empty();
  }
  connection_.submit_head(*this, response, has_body);
  connection_.pump();
  connection_.wake_writer();
  if (is_sent()) co_return Result<void, StreamError>();
  co_return co_await await_sent(limit);
}

Task<Result<void, StreamError>> Http2ServerStream::send_body(BodyPart part, SendLimit limit) {
  if (is_gone_ || is_aborted_) co_return Failure(client_left);
  if (part.bytes.empty() && !part.last) co_return Result<void, StreamError>();
  part_ = part.bytes;
  part_trailers_ = part.trailers;
  is_last_part_ = part.last;
  has_part_ = true;
  connection_.resume(*this);
  connection_.pump();
  connection_.wake_writer();
  if (is_sent()) co_return Result<void, StreamError>();
  co_return co_await await_sent(limit);
}

/// Until the client's windows and the connection's output have taken the part, whose bytes are the
/// caller's.
Task<Result<void, StreamError>> Http2ServerStream::await_sent(SendLimit limit) {
  Engine& engine = connection_.engine_;
  taken_at_ = engine.now();
  while (!is_sent()) {
    limit.taken(taken_at_);
    if (is_gone_ || is_aborted_ || !limit.renew(engine.now())) {
      has_part_ = false;
      co_return Failure(is_gone_ || is_aborted_ ? client_left : time_is_up);
    }
    Sleep wait(engine, end_of(limit.deadline(), engine.now()));
    writer_ = &wait;
    co_await wait;
    writer_ = nullptr;
  }
  co_return Result<void, StreamError>();
}

void Http2ServerStream::abort() {
  if (is_aborted_) return;
  is_aborted_ = true;
  bool is_over = is_gone_ || (is_answered_ && has_ended_);
  if (!is_over) connection_.reset_aborted(*this);
  wake_reader();
  wake_writer();
}

}  // namespace gg
