// SPDX-License-Identifier: Apache-2.0
#include "http1/server.h"

#include "http/status.h"
#include "http1/writer.h"

namespace gg {

namespace {

/// Large enough for a usual upload with its head: one read, and one send to the endpoint.
constexpr std::size_t head_read_size = std::size_t{128} << 10;
constexpr Duration linger_time = 2s;
constexpr std::size_t drop_size = std::size_t{16} << 10;

/// Of a head that could not be read, as much of the method as came: HEAD has no body, ever.
bool may_be_head(std::string_view head) {
  constexpr std::string_view method = "HEAD ";
  return head.starts_with(method) || method.starts_with(head);
}

std::size_t expected_size(const OutgoingResponse& response) {
  std::size_t size = 128;
  for (const Field& field : response.fields) size += field.name.size() + field.value.size() + 4;
  for (const Field& field : response.more_fields)
    size += field.name.size() + field.value.size() + 4;
  return size;
}

void write_fields(HeadWriter& writer, const OutgoingResponse& response) {
  writer.fields(response.fields);
  writer.fields(response.more_fields);
}

}  // namespace

Result<bool, StreamError> Http1ServerConnection::parse_head(HeadProgress& progress,
                                                            RequestHead& head) {
  HeadOutcome outcome =
      parse_request_head(wire_.unread(), settings_.limits, progress, wire_.pool(), head);
  if (outcome.state == HeadOutcome::State::need_more) return false;
  if (outcome.state == HeadOutcome::State::failed)
    return Failure(StreamError::of(outcome.fault.error));
  head_bytes_ = static_cast<std::uint32_t>(outcome.consumed);
  wire_.consume(outcome.consumed);
  method_ = head.method;
  version_ = head.version;

  Result<Framing, MessageError> framing = decide_request_framing(head);
  if (!framing) return Failure(StreamError::of(framing.error()));
  framing_ = *framing;
  if (framing_.persistence == Framing::Persistence::close) persists_ = false;
  wire_.expect_body(framing_);
  return true;
}

bool Http1ServerConnection::request_has_begun() {
  wire_.consume(0);
  return !wire_.unread().empty();
}

Task<Result<void, StreamError>> Http1ServerConnection::wait_for_request() {
  Engine& engine = wire_.bytes().engine();
  if (interrupted_) co_return Failure(StreamError::of(IoError{.kind = IoError::Kind::cancelled}));
  Receive receive = wire_.receive(head_read_size, Deadline::after(engine.now(), settings_.idle));
  waits_for_ = WaitsFor::request;
  wire_.note_reading(&receive);
  Result<Chunk, IoError> chunk = co_await receive;
  wire_.note_reading(nullptr);
  waits_for_ = WaitsFor::body;
  bool is_told_to_end = !chunk && chunk.error().kind == IoError::Kind::cancelled;
  if (!is_told_to_end) client_may_go_on_ = false;
  if (!chunk) co_return Failure(StreamError::of(chunk.error()));
  if (chunk->empty()) co_return Failure(StreamError::of(MessageError::ended_before_head));
  wire_.reset_counts();
  wire_.accept(std::move(*chunk));
  co_return Result<void, StreamError>();
}

Task<Result<RequestHead, StreamError>> Http1ServerConnection::read_head() {
  if (!request_has_begun()) {
    Result<void, StreamError> begun = co_await wait_for_request();
    if (!begun) co_return Failure(begun.error());
  }
  Engine& engine = wire_.bytes().engine();
  answered_ = false;
  method_ = Method::other;
  version_ = HttpVersion::http11;
  head_bytes_ = response_head_bytes_ = 0;
  wire_.expect_body({});
  head_began_ = engine.now();

  HeadProgress progress;
  RequestHead head;
  Deadline deadline = Deadline::after(head_began_, settings_.head);
  for (;;) {
    Result<bool, StreamError> complete = parse_head(progress, head);
    if (!complete) co_return Failure(complete.error());
    if (*complete) co_return std::move(head);

    wire_.compact();
    Receive receive = wire_.receive(head_read_size, deadline);
    Result<Chunk, IoError> chunk = co_await receive;
    if (!chunk) co_return Failure(StreamError::of(chunk.error()));
    if (chunk->empty()) co_return Failure(StreamError::of(MessageError::ended_in_head));
    wire_.accept(std::move(*chunk));
  }
}

void Http1ServerConnection::interrupt_idling() {
  interrupted_ = true;
  if (waits_for_ == WaitsFor::request) wire_.interrupt_reading();
}

Task<Result<BodyPart, StreamError>> Http1ServerConnection::read_body(Deadline deadline) {
  return wire_.read_body(deadline);
}

Task<bool> Http1ServerConnection::await_departure() {
  // Who has sent the next request already waits for two answers: its end of stream says nothing.
  Watch::For what = wire_.unread().empty() ? Watch::For::anything : Watch::For::failure;
  for (;;) {
    Watch watch = wire_.bytes().watch(what, Deadline::never());
    waits_for_ = WaitsFor::departure;
    wire_.note_reading(&watch);
    Result<Watch::Seen, IoError> seen = co_await watch;
    wire_.note_reading(nullptr);
    waits_for_ = WaitsFor::body;
    if (!seen) co_return false;
    if (*seen != Watch::Seen::bytes) co_return true;
    what = Watch::For::failure;
  }
}

void Http1ServerConnection::stop_awaiting_departure() {
  if (waits_for_ == WaitsFor::departure) wire_.interrupt_reading();
}

Task<Result<void, StreamError>> Http1ServerConnection::send_interim(
    const OutgoingResponse& response, SendLimit limit) {
  // HTTP/1.0 has no interim responses (RFC 9110 15.2).
  if (version_ == HttpVersion::http10) co_return Result<void, StreamError>();
  HeadWriter writer(wire_.pool(), expected_size(response));
  writer.status_line(response.status, response.reason);
  write_fields(writer, response);
  Result<void, StreamError> sent = co_await wire_.send(writer.finish(), {}, limit);
  co_return sent;
}

/// How the body goes to this client: by length where it is known, chunked where the client can
/// read that, until the close else.
Http1Wire::Outgoing Http1ServerConnection::begin_response_body(const OutgoingResponse& response) {
  using Outgoing = Http1Wire::Outgoing;
  Outgoing kind = Outgoing::done;
  bool is_head = method_ == Method::head || (head_bytes_ == 0 && may_be_head(wire_.unread()));
  bool bodiless =
      is_head || forbids_body(response.status) || response.body.kind == BodyPlan::Kind::none;
  if (response.status == 101 || (method_ == Method::connect && response.status / 100 == 2)) {
    kind = Outgoing::raw;
    persists_ = false;
    wire_.expect_body({.kind = Framing::Kind::tunnel});
  } else if (!bodiless && response.body.kind == BodyPlan::Kind::length) {
    kind = Outgoing::length;
  } else if (!bodiless && version_ != HttpVersion::http10) {
    kind = Outgoing::chunked;
  } else if (!bodiless) {
    kind = Outgoing::raw;
    persists_ = false;
  }
  wire_.begin_body(kind, response.body.length.value_or(0));
  return kind;
}

Task<Result<void, StreamError>> Http1ServerConnection::send_head(const OutgoingResponse& response,
                                                                 BodyPart first, SendLimit limit) {
  // What is left of the request would have to be read first: rather a new connection.
  if (!wire_.body_is_complete() && response.status != 101) persists_ = false;
  // Who asks for a tunnel may send into it before the answer; that must not be read as requests.
  if (method_ == Method::connect && response.status >= 300) persists_ = false;
  Http1Wire::Outgoing kind = begin_response_body(response);
  answered_ = true;
  client_may_go_on_ = framing_.persistence == Framing::Persistence::keep_alive;

  HeadWriter writer(wire_.pool(), expected_size(response) + Http1Wire::room_for(first));
  writer.status_line(response.status, response.reason);
  write_fields(writer, response);
  bool tells_length =
      response.body.length.has_value() && !is_interim(response.status) && response.status != 204;
  // Who is answered before saying anything may be about to say HEAD: then there is no body, and for
  // everybody else it is empty.
  bool is_unasked = head_bytes_ == 0 && wire_.unread().empty();
  bool has_none = kind == Http1Wire::Outgoing::done && is_unasked;
  if (tells_length) writer.field("Content-Length", has_none ? 0 : *response.body.length);
  if (kind == Http1Wire::Outgoing::chunked) writer.field("Transfer-Encoding", "chunked");
  if (response.status == 101) {
    writer.field("Connection", "upgrade");
    writer.field("Upgrade", response.upgrade);
  } else if (!persists_) {
    writer.field("Connection", "close");
  } else if (version_ == HttpVersion::http10) {
    writer.field("Connection", "keep-alive");
  }
  Chunk head = writer.finish();
  response_head_bytes_ = static_cast<std::uint32_t>(head.size());
  if (kind == Http1Wire::Outgoing::done) first = {.bytes = {}, .last = true};
  Result<void, StreamError> sent = co_await wire_.send(std::move(head), first, limit);
  co_return sent;
}

Task<Result<void, StreamError>> Http1ServerConnection::send_body(BodyPart part, SendLimit limit) {
  return wire_.send({}, part, limit);
}

void Http1ServerConnection::abort() {
  if (aborted_) return;
  aborted_ = true;
  persists_ = false;
  // A length or a missing last chunk shows the break; a body that ends with the connection needs
  // a reset to do so. Not more than that: a reset may take along answers sent before this one.
  if (wire_.break_is_visible()) {
    wire_.bytes().end_sending();
  } else {
    wire_.bytes().close(Closing::reset);
  }
}

void Http1ServerConnection::end_now() {
  aborted_ = true;
  persists_ = false;
  wire_.bytes().close(wire_.break_is_visible() ? Closing::orderly : Closing::reset);
}

bool Http1ServerConnection::may_serve_again() const {
  return persists_ && !aborted_ && !interrupted_ && answered_ && wire_.body_is_complete() &&
         wire_.body_is_sent();
}

Task<void> Http1ServerConnection::close_gracefully() {
  if (!wire_.bytes().is_open()) co_return;
  // Whoever was not the one to end the connection may send a next request right now, which would
  // be answered by a reset, and the reset takes along what was not read of the last response.
  bool may_go_on_sending =
      client_may_go_on_ || !wire_.body_is_complete() || !wire_.unread().empty();
  if (!may_go_on_sending) {
    wire_.bytes().close(Closing::orderly);
    co_return;
  }
  wire_.bytes().end_sending();
  Deadline deadline = Deadline::after(wire_.bytes().engine().now(), linger_time);
  for (;;) {
    Receive receive = wire_.receive(drop_size, deadline);
    Result<Chunk, IoError> chunk = co_await receive;
    if (!chunk || chunk->empty()) break;
  }
  wire_.bytes().close(Closing::orderly);
}

}  // namespace gg
