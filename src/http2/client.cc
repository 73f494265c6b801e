// SPDX-License-Identifier: Apache-2.0
#include "http2/client.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "http2/client_callbacks.h"
#include "http2/client_stream.h"
#include "http2/fields_out.h"
#include "http2/websocket_accept.h"

namespace gg {
namespace {

constexpr std::size_t read_size = std::size_t{64} << 10;
/// Output waits for the endpoint up to here; then it waits in the streams.
constexpr std::size_t output_most = std::size_t{64} << 10;
constexpr std::size_t output_first = std::size_t{4} << 10;
constexpr std::size_t evidence_most = 256;

const std::uint8_t* bytes_in(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

/// gRPC's servers may refuse a request that does not say that its trailers will be read.
bool is_grpc(const OutgoingRequest& request) {
  constexpr std::string_view type = "application/grpc";
  return std::ranges::any_of(request.fields, [&](const Field& field) {
    return field.id == FieldName::content_type && field.value.size() >= type.size() &&
           equal_ignoring_case(field.value.substr(0, type.size()), type);
  });
}

}  // namespace

Http2ClientConnection::Http2ClientConnection(std::unique_ptr<ByteStream> bytes,
                                             const Http2ClientSettings& settings, Owner& owner,
                                             Deadline greeting)
    : bytes_(std::move(bytes)),
      engine_(bytes_->engine()),
      settings_(settings),
      owner_(owner),
      session_(make_http2_client_session(*this)),
      builder_(engine_.buffers()),
      greeting_(greeting),
      idle_since_(engine_.now()),
      last_heard_(engine_.now()) {
  const nghttp2_settings_entry entries[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(settings.stream_window)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
       static_cast<std::uint32_t>(settings.limits.section_max.count)},
  };
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, entries, std::size(entries));
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, settings.connection_window);
  write_soon();
  start_receiving();
}

Http2ClientConnection::~Http2ClientConnection() {
  GG_ASSERT(stream_count_ == 0);
  if (!failure_) {
    say_goodbye();
    close(Closing::orderly);
  }
  nghttp2_session_del(session_);
}

std::size_t Http2ClientConnection::room() const {
  if (!has_settings_ || is_retired_ || failure_ || is_in_doubt_) return 0;
  if (nghttp2_session_check_request_allowed(session_) == 0) return 0;
  std::size_t allowed = std::min(
      settings_.streams_max,
      nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS));
  return allowed - std::min(stream_count_, allowed);
}

bool Http2ClientConnection::takes_websockets() const {
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) ==
         1;
}

std::optional<StreamError> Http2ClientConnection::reason_of_retirement() const {
  bool said_goodbye = goaway_last_ != UINT32_MAX;
  if (said_goodbye) return StreamError::of(MessageError::goaway_unprocessed, goaway_code_);
  return send_error_ ? std::optional(StreamError::of(*send_error_)) : std::nullopt;
}

void Http2ClientConnection::retire() {
  if (is_retired_) return;
  is_retired_ = true;
  tell_owner();
}

void Http2ClientConnection::tell_owner() {
  has_news_ = true;
  write_soon();
}

// Input
// -----------------------------------------------------------------------------------------------

void Http2ClientConnection::received(Operation& /*operation*/, void* connection) {
  auto& self = *static_cast<Http2ClientConnection*>(connection);
  self.take_received();
  self.start_receiving();
}

void Http2ClientConnection::start_receiving() {
  while (!failure_) {
    receive_.emplace(*bytes_, &bytes_->socket(), read_size, read_deadline());
    receive_->on_complete(&Http2ClientConnection::received, this);
    if (!bytes_->submit(*receive_)) return;
    take_received();
  }
}

Deadline Http2ClientConnection::read_deadline() const {
  if (!has_settings_) return greeting_;
  // With streams under way it is only a look at the clock: they have deadlines of their own.
  return Deadline::after(stream_count_ == 0 ? idle_since_ : engine_.now(), settings_.idle);
}

void Http2ClientConnection::take_received() {
  Result<Chunk, IoError> chunk = receive_->take_result();
  receive_.reset();
  if (failure_) return;
  if (!chunk) {
    if (chunk.error().kind == IoError::Kind::deadline) {
      look_at_the_clock();
    } else {
      fail(StreamError::of(send_error_.value_or(chunk.error())));
    }
  } else if (chunk->empty()) {
    fail(StreamError::of(MessageError::ended_before_head));
  } else {
    last_heard_ = engine_.now();
    is_in_doubt_ = false;
    feed(chunk->view());
  }
}

void Http2ClientConnection::look_at_the_clock() {
  Instant now = engine_.now();
  if (!has_settings_) {
    fail(StreamError::of(IoError{.kind = IoError::Kind::deadline, .number = 0}));
  } else if (stream_count_ == 0 && Deadline::after(idle_since_, settings_.idle).has_passed(now)) {
    retire();
    idle_since_ = now;  // until its owner has ended it
  }
}

/// What a server says first that does not know HTTP/2.
bool Http2ClientConnection::is_something_else(std::string_view bytes) {
  constexpr std::size_t type_at = 3;
  constexpr char settings_type = 4;
  bool is_settings = bytes.size() <= type_at || bytes[type_at] == settings_type;
  if (is_settings) return false;
  first_bytes_ = engine_.buffers().copy(bytes.substr(0, evidence_most));
  return true;
}

void Http2ClientConnection::feed(std::string_view bytes) {
  bool is_first = !std::exchange(has_heard_, true);
  if (is_first && is_something_else(bytes)) {
    fail(StreamError::of(MessageError::not_http));
    return;
  }
  ssize_t taken = nghttp2_session_mem_recv(session_, bytes_in(bytes), bytes.size());
  if (taken >= 0) {
    write_soon();
    return;
  }
  bool is_flood = abuse_ == Http2Abuse::header_flood || taken == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS;
  bool is_calm = abuse_ == Http2Abuse::none && taken != NGHTTP2_ERR_FLOODED;
  std::uint32_t code = is_calm ? NGHTTP2_PROTOCOL_ERROR : NGHTTP2_ENHANCE_YOUR_CALM;
  fail(is_flood ? StreamError::of(MessageError::too_many_fields, code)
                : StreamError::of(MessageError::http2_violation, code));
}

/// The connection is over. Everybody on it is told; it stays until they have left.
void Http2ClientConnection::fail(const StreamError& error) {
  if (failure_) return;
  failure_ = error;
  close(Closing::reset);
  streams_.for_each([this](Http2ClientStream& stream) { stream.lose(reason_of_end(stream)); });
  tell_owner();
}

StreamError Http2ClientConnection::reason_of_end(const Http2ClientStream& stream) const {
  if (failure_->message != MessageError::ended_before_head) return *failure_;
  if (stream.has_head_) return StreamError::of(MessageError::ended_in_body);
  bool something_came = stream.interims_seen_ > 0;
  return StreamError::of(something_came ? MessageError::ended_in_head
                                        : MessageError::ended_before_head);
}

// Output
// ----------------------------------------------------------------------------------------------

/// Completes as soon as everybody else had his turn.
void Http2ClientConnection::write_soon() {
  if (writes_soon_) return;
  writes_soon_ = true;
  turn_end_.emplace(engine_, engine_.now());
  turn_end_->on_complete(&Http2ClientConnection::turn_ended, this);
  turn_end_->set_waiting();
  engine_.complete_as_cancelled(*turn_end_);
}

void Http2ClientConnection::turn_ended(Operation& /*operation*/, void* connection) {
  auto& self = *static_cast<Http2ClientConnection*>(connection);
  self.writes_soon_ = false;
  self.write_out();
  if (std::exchange(self.has_news_, false)) self.owner_.connection_changed(self);
}

void Http2ClientConnection::write(std::string_view bytes) {
  queued_ += bytes.size();
  if (output_.spare().size() < bytes.size()) {
    std::size_t size = std::max(2 * output_.size() + bytes.size(), output_first);
    Chunk larger = engine_.buffers().take(size);
    if (!output_.empty()) larger.append(output_.view());
    output_ = std::move(larger);
  }
  output_.append(bytes);
}

void Http2ClientConnection::pump() {
  while (!failure_ && output_.size() < output_most) {
    const std::uint8_t* data = nullptr;
    ssize_t size = nghttp2_session_mem_send(session_, &data);
    if (size <= 0) break;
    write({reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)});
  }
}

void Http2ClientConnection::write_out() {
  while (!failure_ && !send_ && !send_error_) {
    pump();
    if (output_.empty()) break;
    sending_ = std::move(output_);
    send_.emplace(*bytes_, &bytes_->socket(), sending_.view(),
                  SendLimit::between_bytes(engine_.now(), settings_.send, Deadline::never()));
    send_->on_complete(&Http2ClientConnection::sent, this);
    if (!bytes_->submit(*send_)) return;
    take_sent();
  }
  // What nghttp2 ends over the endpoint's conduct it ends with a GOAWAY of its own.
  bool is_condemned = abuse_ == Http2Abuse::violation && !send_;
  if (is_condemned) {
    fail(StreamError::of(MessageError::http2_violation, NGHTTP2_PROTOCOL_ERROR));
  }
}

void Http2ClientConnection::sent(Operation& /*operation*/, void* connection) {
  auto& self = *static_cast<Http2ClientConnection*>(connection);
  self.take_sent();
  self.write_out();
  if (self.has_news_) self.write_soon();
}

void Http2ClientConnection::take_sent() {
  Result<void, IoError> result = send_->take_result();
  left_ += send_->sent();
  send_.reset();
  sending_.reset();
  if (result || failure_) return;
  if (result.error().kind == IoError::Kind::deadline) {
    fail(StreamError::of(result.error()));
  } else {
    // What the endpoint said before it left is still to be read.
    send_error_ = result.error();
    is_retired_ = true;
    tell_owner();
  }
}

bool Http2ClientConnection::has_left(std::uint64_t offset) const {
  // Of what TLS has encrypted only TLS knows how much has left.
  std::size_t under_way = settings_.is_secure ? sending_.size() : (send_ ? send_->sent() : 0);
  return left_ + under_way > offset;
}

void Http2ClientConnection::say_goodbye() {
  if (send_ || send_error_) return;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
  pump();
  Send last(*bytes_, &bytes_->socket(), output_.view(), Deadline::at(engine_.now()));
  if (!bytes_->submit(last)) bytes_->cancel(last);
}

void Http2ClientConnection::close(Closing how) {
  if (receive_ && receive_->is_waiting()) bytes_->cancel(*receive_);
  if (send_ && send_->is_waiting()) {
    bytes_->cancel(*send_);  // which counts what may have left
    left_ += send_->sent();
  }
  receive_.reset();
  send_.reset();
  sending_.reset();
  output_.reset();
  bytes_->close(how);
}

// For streams
// -----------------------------------------------------------------------------------------

void Http2ClientConnection::submit(Http2ClientStream& stream, const OutgoingRequest& request,
                                   bool has_body) {
  Http2FieldsOut fields(engine_.buffers(), request.fields.size() + request.more_fields.size() + 8);
  fields.add(":method", stream.is_websocket_ ? "CONNECT" : request.method_text);
  if (stream.is_websocket_) fields.add(":protocol", "websocket");
  fields.add(":scheme", settings_.is_secure ? "https" : "http");
  fields.add(":authority", request.authority);
  fields.add(":path", request.target);
  for (const Field& field : request.fields) {
    bool is_of_http1 = stream.is_websocket_ && is_websocket_key(field);
    if (!is_of_http1) fields.add(field);
  }
  for (const Field& field : request.more_fields) fields.add(field);
  if (is_grpc(request)) fields.add("te", "trailers");
  if (request.expects_continue) fields.add("expect", "100-continue");
  if (request.body.length) fields.add("content-length", *request.body.length);
  nghttp2_data_provider body = http2_body_of_request();
  stream.sent_at_ = engine_.now();
  stream.id_ = nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(),
                                      has_body ? &body : nullptr, &stream);
  // None is left of the numbers, or none may begin since the connection was chosen.
  if (stream.id_ < 0) {
    stream.id_ = 0;
    retire();
    stream.lose(StreamError::of(MessageError::goaway_unprocessed, goaway_code_));
  }
}

void Http2ClientConnection::resume(const Http2ClientStream& stream) {
  if (!failure_) nghttp2_session_resume_data(session_, stream.id_);
}

void Http2ClientConnection::reset(const Http2ClientStream& stream, std::uint32_t code) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id_, code);
  write_soon();
}

void Http2ClientConnection::consume(std::int32_t stream, std::size_t count) {
  if (failure_ || count == 0) return;
  nghttp2_session_consume(session_, stream, count);
  write_soon();
}

/// What was not answered to its end is taken back.
void Http2ClientConnection::forget(Http2ClientStream& stream) {
  stream.unlink();
  --stream_count_;
  bool is_known = stream.id_ != 0 && !failure_;
  if (is_known) nghttp2_session_set_stream_user_data(session_, stream.id_, nullptr);
  if (is_known) consume(stream.id_, stream.unread_);
  if (is_known && !stream.is_closed_) {
    bool is_wrong = stream.in_error_ != MessageError::none;
    reset(stream, is_wrong ? NGHTTP2_PROTOCOL_ERROR : NGHTTP2_CANCEL);
    if (last_heard_ < stream.sent_at_) {
      is_in_doubt_ = true;
      ask();
    }
  }
  if (stream_count_ > 0) return;
  idle_since_ = engine_.now();
  if (is_retired()) tell_owner();
}

void Http2ClientConnection::ask() {
  if (failure_) return;
  ++questions_;
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  write_soon();
}

}  // namespace gg
