// SPDX-License-Identifier: Apache-2.0
#include "http2/server_callbacks.h"

#include <algorithm>

#include "base/assert.h"
#include "http2/fields_out.h"
#include "http2/memory.h"
#include "http2/server.h"

namespace gg {

/// None of these resumes a coroutine or calls back into nghttp2's reading or writing.
struct Http2ServerCallbacks {
  using Connection = Http2ServerConnection;
  using Stream = Http2ServerStream;

  static Connection& connection(void* user_data) { return *static_cast<Connection*>(user_data); }
  static Stream* stream_of(nghttp2_session* session, std::int32_t id) {
    return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
  }
  /// Makes nghttp2 stop; the connection's feed() then ends it.
  static int judge(Connection& c, Http2Abuse abuse) {
    if (abuse == Http2Abuse::none) return 0;
    c.abuse_ = abuse;
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  // Input.

  static int on_begin_frame(nghttp2_session* /*session*/, const nghttp2_frame_hd* head,
                            void* user_data) {
    Connection& c = connection(user_data);
    switch (head->type) {
      case NGHTTP2_DATA:
        return 0;
      case NGHTTP2_HEADERS:
        return judge(c, c.conduct_.header_block_began(static_cast<std::uint32_t>(head->stream_id)));
      case NGHTTP2_CONTINUATION:
        return judge(c, c.conduct_.continuation());
      case NGHTTP2_PRIORITY:
        // Otherwise not looked at (RFC 9113 5.3.2, 6.3).
        if (head->stream_id == 0) return judge(c, Http2Abuse::violation);
        [[fallthrough]];
      default:
        return judge(c, c.conduct_.control_frame(c.engine_.now()));
    }
  }

  static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame,
                              void* user_data) {
    Connection& c = connection(user_data);
    c.in_block_ = true;
    c.block_began_ = c.engine_.now();
    bool is_request = frame->headers.cat == NGHTTP2_HCAT_REQUEST;
    c.builder_.begin(
        is_request ? Http2HeadBuilder::Section::request : Http2HeadBuilder::Section::trailers,
        c.settings_.limits);
    if (!is_request) return 0;

    std::int32_t id = frame->hd.stream_id;
    // Those that were taken back are still being ended: they count, too. And what lies beyond the
    // last stream that a GOAWAY names is not looked at, though that GOAWAY be yet to be written.
    bool are_too_many = c.stream_count_ >= 2 * std::size_t{c.settings_.streams_max};
    if (are_too_many || c.goodbye_ == Connection::Goodbye::said) {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
      return 0;
    }
    c.arriving_ = std::make_unique<Stream>(c, id, c.block_began_);
    c.streams_.push_back(*c.arriving_);
    ++c.stream_count_;
    nghttp2_session_set_stream_user_data(session, id, c.arriving_.get());
    // Streams take turns, whatever priorities the client would like.
    nghttp2_extpri in_turn = {NGHTTP2_EXTPRI_DEFAULT_URGENCY, 1};
    nghttp2_session_change_extpri_stream_priority(session, id, &in_turn, 1);
    return 0;
  }

  static int on_header(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
                       const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                       std::size_t value_size, std::uint8_t /*flags*/, void* user_data) {
    Connection& c = connection(user_data);
    c.builder_.add({reinterpret_cast<const char*>(name), name_size},
                   {reinterpret_cast<const char*>(value), value_size});
    return judge(
        c, Http2Conduct::header_list(c.builder_.list_size(), c.settings_.limits.section_max.count));
  }

  static int on_frame_recv(nghttp2_session* session, const nghttp2_frame* frame, void* user_data) {
    Connection& c = connection(user_data);
    bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    Stream* stream = stream_of(session, frame->hd.stream_id);
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        c.in_block_ = false;
        take_block(c, *frame, stream, ends);
        return 0;
      case NGHTTP2_DATA: {
        if (ends && stream != nullptr) stream->end_body();
        bool is_empty = !ends && frame->hd.length <= frame->data.padlen;
        return is_empty ? judge(c, c.conduct_.empty_data(c.engine_.now())) : 0;
      }
      case NGHTTP2_SETTINGS:
        if (!c.has_settings_) c.in_block_ = false;
        c.has_settings_ = true;
        return 0;
      case NGHTTP2_PING: {
        bool is_round_trip = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
        if (is_round_trip && c.goodbye_ == Connection::Goodbye::announced) c.say_goodbye();
        return 0;
      }
      default:
        return 0;
    }
  }

  static void take_block(Connection& c, const nghttp2_frame& frame, Stream* stream, bool ends) {
    if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
      Result<RequestHead, MessageError> head = c.builder_.finish_request();
      if (c.arriving_ == nullptr) return;
      c.arriving_->head_bytes_ = static_cast<std::uint32_t>(frame.hd.length + frame_head_size);
      c.arriving_->accept_head(std::move(head), ends);
      c.begun_.push_back(std::move(c.arriving_));
    } else {
      Result<Fields, MessageError> trailers = c.builder_.finish_trailers();
      if (stream != nullptr) stream->accept_trailers(std::move(trailers), ends);
    }
  }

  static int on_data_chunk(nghttp2_session* session, std::uint8_t /*flags*/, std::int32_t id,
                           const std::uint8_t* data, std::size_t size, void* /*user_data*/) {
    Stream* stream = stream_of(session, id);
    if (stream == nullptr) {
      nghttp2_session_consume(session, id, size);
    } else {
      stream->accept_body({reinterpret_cast<const char*>(data), size});
    }
    return 0;
  }

  static int on_stream_close(nghttp2_session* session, std::int32_t id, std::uint32_t /*code*/,
                             void* user_data) {
    Connection& c = connection(user_data);
    Stream* stream = stream_of(session, id);
    if (stream == nullptr) return 0;
    bool was_taken_back = !stream->is_answered_ && !stream->is_aborted_;
    stream->lose();
    return was_taken_back ? judge(c, c.conduct_.request_reset(c.engine_.now())) : 0;
  }

  // Output.

  static ssize_t read_part(nghttp2_session* session, std::int32_t id, std::uint8_t* /*buffer*/,
                           std::size_t most, std::uint32_t* flags, nghttp2_data_source* /*source*/,
                           void* user_data) {
    Stream* stream = stream_of(session, id);
    if (stream == nullptr || !stream->has_part_) return NGHTTP2_ERR_DEFERRED;
    std::size_t size = std::min(most, stream->part_.size());
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (stream->is_last_part_ && size == stream->part_.size()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (stream->part_trailers_ != nullptr) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        Http2FieldsOut fields(connection(user_data).engine_.buffers(),
                              stream->part_trailers_->size());
        for (const Field& field : stream->part_trailers_->all()) fields.add(field);
        nghttp2_submit_trailer(session, id, fields.data(), fields.size());
      }
    }
    return static_cast<ssize_t>(size);
  }

  static int send_data(nghttp2_session* session, nghttp2_frame* frame, const std::uint8_t* head,
                       std::size_t size, nghttp2_data_source* /*source*/, void* user_data) {
    Connection& c = connection(user_data);
    Stream* stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr || stream->part_.size() < size) {
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    c.write({reinterpret_cast<const char*>(head), frame_head_size});
    c.write(stream->part_.substr(0, size));
    c.conduct_.data_sent(size, size == stream->part_.size());
    stream->part_.remove_prefix(size);
    stream->taken_at_ = c.engine_.now();
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      finish(c, *stream);
    } else if (stream->part_.empty() && !stream->is_last_part_) {
      stream->has_part_ = false;
      stream->wake_writer();
    }
    return 0;
  }

  static void finish(Connection& c, Stream& stream) {
    stream.is_answered_ = true;
    stream.has_part_ = false;
    stream.wake_writer();
    c.conduct_.request_answered();
  }

  static int on_frame_send(nghttp2_session* session, const nghttp2_frame* frame, void* user_data) {
    Connection& c = connection(user_data);
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR) {
      if (c.abuse_ == Http2Abuse::none) c.abuse_ = Http2Abuse::violation;
    }
    if (frame->hd.type != NGHTTP2_HEADERS) return 0;
    Stream* stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    if (stream->interims_ > 0) {
      --stream->interims_;
      return 0;
    }
    if (!stream->is_head_sent_) {
      stream->is_head_sent_ = true;
      stream->response_head_bytes_ = static_cast<std::uint32_t>(frame->hd.length + frame_head_size);
      stream->wake_writer();
    }
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) finish(c, *stream);
    return 0;
  }

  static int on_frame_not_send(nghttp2_session* session, const nghttp2_frame* frame, int /*error*/,
                               void* /*user_data*/) {
    Stream* stream = stream_of(session, frame->hd.stream_id);
    if (frame->hd.type == NGHTTP2_HEADERS && stream != nullptr) stream->lose();
    return 0;
  }

  static constexpr std::size_t frame_head_size = 9;
};

namespace {

nghttp2_session_callbacks* make_callbacks() {
  using Callbacks = Http2ServerCallbacks;
  nghttp2_session_callbacks* all = nullptr;
  GG_ASSERT(nghttp2_session_callbacks_new(&all) == 0);
  nghttp2_session_callbacks_set_on_begin_frame_callback(all, Callbacks::on_begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(all, Callbacks::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(all, Callbacks::on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(all, Callbacks::on_frame_recv);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, Callbacks::on_data_chunk);
  nghttp2_session_callbacks_set_on_stream_close_callback(all, Callbacks::on_stream_close);
  nghttp2_session_callbacks_set_send_data_callback(all, Callbacks::send_data);
  nghttp2_session_callbacks_set_on_frame_send_callback(all, Callbacks::on_frame_send);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(all, Callbacks::on_frame_not_send);
  return all;
}

nghttp2_option* make_options() {
  /// More than any head that was let in, and what the gateway adds.
  constexpr std::size_t longest_head = std::size_t{1} << 20;
  nghttp2_option* options = nullptr;
  GG_ASSERT(nghttp2_option_new(&options) == 0);
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_option_set_no_closed_streams(options, 1);
  nghttp2_option_set_no_http_messaging(options, 1);  // head_builder.h judges, and more strictly
  nghttp2_option_set_max_send_header_block_length(options, longest_head);
  return options;
}

}  // namespace

nghttp2_session* make_http2_server_session(Http2ServerConnection& connection) {
  static nghttp2_session_callbacks* const callbacks = make_callbacks();
  static nghttp2_option* const options = make_options();
  nghttp2_session* session = nullptr;
  int made = nghttp2_session_server_new3(&session, callbacks, &connection, options, http2_memory());
  GG_ASSERT(made == 0);
  return session;
}

nghttp2_data_provider http2_body_of_response() {
  return {.source = {.ptr = nullptr}, .read_callback = Http2ServerCallbacks::read_part};
}

}  // namespace gg
