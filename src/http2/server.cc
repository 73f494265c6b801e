// SPDX-License-Identifier: Apache-2.0
#include "http2/server.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "http/status.h"
#include "http2/fields_out.h"
#include "http2/server_callbacks.h"

namespace gg {
namespace {

constexpr std::size_t read_size = std::size_t{32} << 10;
/// Output waits for the client up to here; then it waits in the streams.
constexpr std::size_t output_most = std::size_t{64} << 10;
constexpr std::size_t output_first = std::size_t{4} << 10;
/// After the end, what still comes is read so that no reset overtakes our last words.
constexpr Duration linger_time = 2s;
constexpr std::size_t linger_bytes = std::size_t{1} << 20;
constexpr std::string_view accept_field = "Sec-WebSocket-Accept";

const std::uint8_t* bytes_in(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

/// For when nghttp2 cannot write it any more (RFC 9113 6.8).
std::array<char, 17> goaway_frame(std::uint32_t last_stream, std::uint32_t code) {
  std::array<char, 17> frame = {0, 0, 8, NGHTTP2_GOAWAY};
  for (unsigned i = 0; i < 4; ++i) {
    frame[9 + i] = static_cast<char>(last_stream >> (24 - 8 * i));
    frame[13 + i] = static_cast<char>(code >> (24 - 8 * i));
  }
  return frame;
}

}  // namespace

Http2ServerConnection::Http2ServerConnection(std::unique_ptr<ByteStream> bytes, Chunk first,
                                             const Http2ServerSettings& settings)
    : bytes_(std::move(bytes)),
      engine_(bytes_->engine()),
      settings_(settings),
      session_(make_http2_server_session(*this)),
      builder_(engine_.buffers()),
      first_(std::move(first)),
      writing_(engine_.ready()),
      idle_since_(engine_.now()),
      block_began_(engine_.now()) {
  const nghttp2_settings_entry entries[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings.streams_max},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(settings.stream_window)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
       static_cast<std::uint32_t>(settings.limits.section_max.count)},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
      {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
  };
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, entries, std::size(entries));
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, settings.connection_window);
}

Http2ServerConnection::~Http2ServerConnection() {
  arriving_.reset();
  begun_.clear();
  GG_ASSERT(stream_count_ == 0);
  nghttp2_session_del(session_);
}

// Input
// -----------------------------------------------------------------------------------------------

Task<void> Http2ServerConnection::read_all(Http2Requests& requests) {
  writing_.start(write_all());
  feed(first_.view());
  first_.reset();
  start_requests(requests);
  while (may_read()) {
    Receive receive = bytes_->receive(read_size, read_deadline());
    reading_ = &receive;
    Result<Chunk, IoError> chunk = co_await receive;
    reading_ = nullptr;
    if (!chunk) {
      IoError::Kind kind = chunk.error().kind;
      if (kind == IoError::Kind::deadline) {
        read_timed_out();
      } else if (kind != IoError::Kind::cancelled) {
        is_lost_ = true;
      }
      continue;
    }
    if (chunk->empty()) {
      has_left_ = true;
      continue;
    }
    feed(chunk->view());
    chunk->reset();
    start_requests(requests);
  }
  lose_streams();
}

bool Http2ServerConnection::may_read() const {
  bool is_over = goodbye_ == Goodbye::said && stream_count_ == 0;
  return !is_lost_ && !has_left_ && !is_broken_ && !is_over &&
         nghttp2_session_want_read(session_) != 0;
}

Deadline Http2ServerConnection::read_deadline() const {
  // With streams under way it is only a look at the clock: they have deadlines of their own.
  Instant since = stream_count_ == 0 ? idle_since_ : engine_.now();
  Deadline deadline = Deadline::after(since, settings_.idle);
  if (in_block_) deadline = deadline.or_earlier(Deadline::after(block_began_, settings_.head));
  return deadline;
}

void Http2ServerConnection::read_timed_out() {
  Instant now = engine_.now();
  bool is_slow = in_block_ && Deadline::after(block_began_, settings_.head).has_passed(now);
  if (is_slow) {
    condemn(Http2Abuse::slow_head, NGHTTP2_NO_ERROR);
    return;
  }
  bool is_idle = stream_count_ == 0 && Deadline::after(idle_since_, settings_.idle).has_passed(now);
  if (is_idle) drain();
}

void Http2ServerConnection::feed(std::string_view bytes) {
  if (is_broken_) return;
  ssize_t taken = nghttp2_session_mem_recv(session_, bytes_in(bytes), bytes.size());
  if (taken < 0) {
    if (abuse_ != Http2Abuse::none) {
      bool is_violation = abuse_ == Http2Abuse::violation;
      condemn(abuse_, is_violation ? NGHTTP2_PROTOCOL_ERROR : NGHTTP2_ENHANCE_YOUR_CALM);
    } else if (taken == NGHTTP2_ERR_FLOODED) {
      condemn(Http2Abuse::frame_flood, NGHTTP2_ENHANCE_YOUR_CALM);
    } else if (taken == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS) {
      condemn(Http2Abuse::header_flood, NGHTTP2_ENHANCE_YOUR_CALM);
    } else {
      condemn(Http2Abuse::violation, NGHTTP2_PROTOCOL_ERROR);
    }
  }
  pump();
  wake_writer();
}

/// Outside of nghttp2's callbacks: what serves a request may answer at once.
void Http2ServerConnection::start_requests(Http2Requests& requests) {
  std::vector<std::unique_ptr<Http2ServerStream>> begun = std::exchange(begun_, {});
  for (std::unique_ptr<Http2ServerStream>& stream : begun) requests.begin(std::move(stream));
  begun.clear();
  if (begun_.empty()) begun_ = std::move(begun);  // keeps the memory
}

/// Ends the connection over its client's conduct. Everybody on it has left with the client.
void Http2ServerConnection::condemn(Http2Abuse abuse, std::uint32_t code) {
  abuse_ = abuse;
  auto last = static_cast<std::uint32_t>(nghttp2_session_get_last_proc_stream_id(session_));
  std::array<char, 17> goaway = goaway_frame(last, code);
  write({goaway.data(), goaway.size()});
  is_broken_ = true;
  goodbye_ = Goodbye::said;
  arriving_.reset();
  lose_streams();
  wake_writer();
}

void Http2ServerConnection::lose_streams() {
  streams_.for_each([](Http2ServerStream& stream) { stream.lose(); });
}

void Http2ServerConnection::stop_reading() {
  if (reading_ != nullptr) bytes_->cancel(*reading_);
}

// Output
// ----------------------------------------------------------------------------------------------

void Http2ServerConnection::write(std::string_view bytes) {
  if (output_.spare().size() < bytes.size()) {
    std::size_t size = std::max(2 * output_.size() + bytes.size(), output_first);
    Chunk larger = engine_.buffers().take(size);
    if (!output_.empty()) larger.append(output_.view());
    output_ = std::move(larger);
  }
  output_.append(bytes);
}

void Http2ServerConnection::pump() {
  while (!is_broken_ && !is_lost_ && output_.size() < output_most) {
    const std::uint8_t* data = nullptr;
    ssize_t size = nghttp2_session_mem_send(session_, &data);
    if (size < 0) {
      condemn(abuse_ != Http2Abuse::none ? abuse_ : Http2Abuse::violation, NGHTTP2_INTERNAL_ERROR);
      stop_reading();
    }
    if (size <= 0) break;
    write({reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)});
  }
}

/// Waits until there may be something to write.
auto Http2ServerConnection::next_output() {
  struct Awaiter {
    Http2ServerConnection& connection;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> writer) const { connection.writer_ = writer; }
    void await_resume() const noexcept {}
  };
  return Awaiter{*this};
}

void Http2ServerConnection::wake_writer() {
  if (writer_) engine_.ready().post(std::exchange(writer_, {}));
}

/// One write for everything that was said in a turn.
Task<void> Http2ServerConnection::write_all() {
  while (!is_lost_) {
    pump();
    if (output_.empty()) {
      if (is_ending_) co_return;
      if (!may_read()) stop_reading();
      co_await next_output();
      continue;
    }
    Chunk out = std::move(output_);
    Send send = bytes_->send(out.view(), Deadline::after(engine_.now(), settings_.send));
    Result<void, IoError> sent = co_await send;
    if (!sent) is_lost_ = true;
  }
  output_.reset();
  lose_streams();
  stop_reading();
}

// The end
// ---------------------------------------------------------------------------------------------

void Http2ServerConnection::retire() {
  if (goodbye_ != Goodbye::none || is_broken_) return;
  goodbye_ = Goodbye::announced;
  nghttp2_submit_shutdown_notice(session_);
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  wake_writer();
}

void Http2ServerConnection::say_goodbye() {
  if (goodbye_ == Goodbye::said) return;
  goodbye_ = Goodbye::said;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                        nullptr, 0);
}

void Http2ServerConnection::drain() {
  if (is_broken_) return;
  say_goodbye();
  wake_writer();
  if (stream_count_ == 0) stop_reading();
}

void Http2ServerConnection::end_now() {
  is_lost_ = true;
  bytes_->close(Closing::orderly);
  lose_streams();
  wake_writer();
}

Task<void> Http2ServerConnection::close_gracefully() {
  if (!has_left_) drain();
  is_ending_ = true;
  wake_writer();
  co_await writing_.join();
  if (!bytes_->is_open()) co_return;
  if (is_lost_) {
    bytes_->close(Closing::reset);
    co_return;
  }
  bytes_->end_sending();
  Deadline deadline = Deadline::after(engine_.now(), linger_time);
  std::size_t dropped = 0;
  while (!has_left_ && dropped < linger_bytes) {
    Receive receive = bytes_->receive(read_size, deadline);
    Result<Chunk, IoError> chunk = co_await receive;
    if (!chunk || chunk->empty()) break;
    dropped += chunk->size();
  }
  bytes_->close(Closing::orderly);
}

// For streams
// -----------------------------------------------------------------------------------------

void Http2ServerConnection::submit_head(Http2ServerStream& stream, const OutgoingResponse& response,
                                        bool has_body) {
  if (is_broken_) return;
  Http2FieldsOut fields(engine_.buffers(),
                        response.fields.size() + response.more_fields.size() + 2);
  fields.add_status(stream.status_said(response.status));
  for (const Field& field : response.fields) {
    // Answers a key that the client did not send.
    bool is_of_http1 = stream.is_websocket_ && equal_ignoring_case(field.name, accept_field);
    if (!is_of_http1) fields.add(field);
  }
  for (const Field& field : response.more_fields) fields.add(field);
  bool tells_length =
      response.body.length.has_value() && !is_interim(response.status) && response.status != 204;
  if (tells_length) fields.add("content-length", *response.body.length);
  nghttp2_data_provider body = http2_body_of_response();
  int submitted = nghttp2_submit_response(session_, stream.id_, fields.data(), fields.size(),
                                          has_body ? &body : nullptr);
  if (submitted != 0) stream.lose();
}

void Http2ServerConnection::submit_interim(Http2ServerStream& stream,
                                           const OutgoingResponse& response) {
  if (is_broken_) return;
  Http2FieldsOut fields(engine_.buffers(),
                        response.fields.size() + response.more_fields.size() + 1);
  fields.add_status(response.status);
  for (const Field& field : response.fields) fields.add(field);
  for (const Field& field : response.more_fields) fields.add(field);
  int submitted = nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream.id_, nullptr,
                                         fields.data(), fields.size(), nullptr);
  if (submitted == 0) ++stream.interims_;
  wake_writer();
}

void Http2ServerConnection::resume(const Http2ServerStream& stream) {
  if (!is_broken_) nghttp2_session_resume_data(session_, stream.id_);
}

void Http2ServerConnection::reset(const Http2ServerStream& stream, std::uint32_t code) {
  if (is_broken_) return;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id_, code);
  wake_writer();
}

/// A WebSocket whose other side is lost ends as a connection does that is reset (RFC 8441 5).
void Http2ServerConnection::reset_aborted(const Http2ServerStream& stream) {
  std::uint32_t code = stream.is_socket_open_ ? NGHTTP2_CANCEL : NGHTTP2_INTERNAL_ERROR;
  reset(stream, stream.is_malformed_ ? NGHTTP2_PROTOCOL_ERROR : code);
}

void Http2ServerConnection::consume(std::int32_t stream, std::size_t count) {
  if (is_broken_ || count == 0) return;
  nghttp2_session_consume(session_, stream, count);
  wake_writer();
}

/// What was not said to its end is taken back; what follows of the request is not wanted.
void Http2ServerConnection::forget(Http2ServerStream& stream) {
  stream.unlink();
  --stream_count_;
  if (!is_broken_) nghttp2_session_set_stream_user_data(session_, stream.id_, nullptr);
  consume(stream.id_, stream.unread_);
  if (stream.is_malformed_ && !stream.is_aborted_) {
    // Also behind an answer that ended the stream (RFC 9113 8.1.1).
    reset(stream, NGHTTP2_PROTOCOL_ERROR);
  } else if (!stream.is_gone_ && !stream.is_aborted_) {
    reset(stream, stream.is_answered_ ? NGHTTP2_NO_ERROR : NGHTTP2_INTERNAL_ERROR);
  }
  if (stream_count_ > 0) return;
  idle_since_ = engine_.now();
  if (goodbye_ == Goodbye::said) stop_reading();
}

}  // namespace gg
