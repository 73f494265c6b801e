// SPDX-License-Identifier: Apache-2.0
#include "http2/client_callbacks.h"

#include <algorithm>

#include "base/assert.h"
#include "http2/client.h"
#include "http2/client_stream.h"
#include "http2/fields_out.h"
#include "http2/memory.h"

namespace gg {

/// None of these resumes a coroutine or calls back into nghttp2's reading or writing.
struct Http2ClientCallbacks {
  using Connection = Http2ClientConnection;
  using Stream = Http2ClientStream;

  static constexpr std::size_t frame_head_size = 9;

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
      case NGHTTP2_HEADERS:
        return 0;
      case NGHTTP2_CONTINUATION:
        return judge(c, c.conduct_.continuation());
      default:
        return judge(c, c.conduct_.control_frame(c.engine_.now()));
    }
  }

  static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame,
                              void* user_data) {
    Connection& c = connection(user_data);
    Stream* stream = stream_of(session, frame->hd.stream_id);
    bool is_head = stream == nullptr || !stream->has_head_;
    c.conduct_.block_began();
    c.builder_.begin(
        is_head ? Http2HeadBuilder::Section::response : Http2HeadBuilder::Section::trailers,
        c.settings_.limits);
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
        take_block(c, *frame, stream, ends);
        return 0;
      case NGHTTP2_DATA: {
        if (ends && stream != nullptr) stream->end_body();
        bool is_empty = !ends && frame->hd.length <= frame->data.padlen;
        return is_empty ? judge(c, c.conduct_.empty_data(c.engine_.now())) : 0;
      }
      case NGHTTP2_RST_STREAM:
        if (stream != nullptr) {
          stream->was_reset_ = true;
          stream->reset_code_ = frame->rst_stream.error_code;
        }
        return 0;
      case NGHTTP2_SETTINGS: {
        bool is_theirs = (frame->hd.flags & NGHTTP2_FLAG_ACK) == 0;
        if (is_theirs && !c.has_settings_) {
          c.has_settings_ = true;
          c.tell_owner();
        }
        return 0;
      }
      case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) take_answer(c);
        return 0;
      case NGHTTP2_GOAWAY:
        c.goaway_last_ = static_cast<std::uint32_t>(frame->goaway.last_stream_id);
        c.goaway_code_ = frame->goaway.error_code;
        c.is_retired_ = true;
        lose_unsent(c);
        c.tell_owner();
        return 0;
      default:
        return 0;
    }
  }

  /// Those that wait until the endpoint is known to be there need not wait any more.
  static void lose_unsent(Connection& c) {
    c.streams_.for_each([&c](Stream& stream) {
      if (stream.id_ != 0) return;
      stream.lose(StreamError::of(MessageError::goaway_unprocessed, c.goaway_code_));
    });
  }

  static void take_answer(Connection& c) {
    ++c.answers_;
    c.streams_.for_each([](Stream& stream) {
      if (stream.asks_first_ && stream.id_ == 0) stream.wake_reader();
    });
  }

  static void take_block(Connection& c, const nghttp2_frame& frame, Stream* stream, bool ends) {
    bool is_head = stream == nullptr || !stream->has_head_;
    if (is_head) {
      bool is_of_websocket = stream != nullptr && stream->is_websocket_;
      Result<ResponseHead, MessageError> head =
          is_of_websocket ? c.builder_.finish_response_to_websocket(stream->websocket_accept_)
                          : c.builder_.finish_response();
      if (stream == nullptr) return;
      stream->bytes_read_ += frame.hd.length + frame_head_size;
      stream->accept_head(std::move(head), ends);
      c.conduct_.request_answered();
    } else {
      stream->bytes_read_ += frame.hd.length + frame_head_size;
      stream->accept_trailers(c.builder_.finish_trailers(), ends);
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

  static int on_stream_close(nghttp2_session* session, std::int32_t id, std::uint32_t code,
                             void* user_data) {
    Connection& c = connection(user_data);
    Stream* stream = stream_of(session, id);
    if (stream == nullptr) return 0;
    stream->is_closed_ = true;
    stream->lose(why_closed(c, *stream, code));
    return 0;
  }

  static StreamError why_closed(const Connection& c, const Stream& stream, std::uint32_t code) {
    bool is_above = static_cast<std::uint32_t>(stream.id_) > c.goaway_last_;
    if (is_above && !stream.was_reset_ && stream.bytes_read_ == 0) {
      return StreamError::of(MessageError::goaway_unprocessed, c.goaway_code_);
    }
    if (stream.was_reset_) {
      bool is_refused = code == NGHTTP2_REFUSED_STREAM && stream.bytes_read_ == 0;
      return StreamError::of(is_refused ? MessageError::stream_refused : MessageError::stream_reset,
                             code);
    }
    // Closed by both ends, or by nghttp2 over what the endpoint did.
    if (code == NGHTTP2_NO_ERROR) {
      return StreamError::of(IoError{.kind = IoError::Kind::reset, .number = 0});
    }
    return StreamError::of(MessageError::http2_violation, code);
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
    stream->bytes_written_ += size + frame_head_size;
    stream->part_.remove_prefix(size);
    stream->taken_at_ = c.engine_.now();
    bool is_taken = stream->part_.empty() && stream->part_trailers_ == nullptr;
    if (is_taken) finish_part(*stream);
    return 0;
  }

  static void finish_part(Stream& stream) {
    stream.is_request_sent_ = stream.is_last_part_;
    stream.has_part_ = false;
    stream.wake_writer();
  }

  static int before_frame_send(nghttp2_session* session, const nghttp2_frame* frame,
                               void* user_data) {
    bool is_request =
        frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
    if (!is_request) return 0;
    Stream* stream = stream_of(session, frame->hd.stream_id);
    // The frame is written behind what is there.
    if (stream != nullptr) stream->head_offset_ = connection(user_data).queued_;
    return 0;
  }

  static int on_frame_send(nghttp2_session* session, const nghttp2_frame* frame, void* user_data) {
    Connection& c = connection(user_data);
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR) {
      if (c.abuse_ == Http2Abuse::none) c.abuse_ = Http2Abuse::violation;
    }
    if (frame->hd.type != NGHTTP2_HEADERS) return 0;
    Stream* stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    stream->bytes_written_ += frame->hd.length + frame_head_size;
    // Trailers; nghttp2 leaves an empty DATA frame before them out.
    bool is_end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (is_end && stream->has_part_) finish_part(*stream);
    return 0;
  }

  static int on_frame_not_send(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                               int /*error*/, void* user_data) {
    Connection& c = connection(user_data);
    bool is_request =
        frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
    if (!is_request) return 0;  // trailers that nobody waits for any more say nothing of delivery
    c.streams_.for_each([&](Stream& stream) {
      if (stream.id_ != frame->hd.stream_id) return;
      stream.lose(StreamError::of(MessageError::goaway_unprocessed, c.goaway_code_));
    });
    return 0;
  }
};

namespace {

nghttp2_session_callbacks* make_callbacks() {
  using Callbacks = Http2ClientCallbacks;
  nghttp2_session_callbacks* all = nullptr;
  GG_ASSERT(nghttp2_session_callbacks_new(&all) == 0);
  nghttp2_session_callbacks_set_on_begin_frame_callback(all, Callbacks::on_begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(all, Callbacks::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(all, Callbacks::on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(all, Callbacks::on_frame_recv);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, Callbacks::on_data_chunk);
  nghttp2_session_callbacks_set_on_stream_close_callback(all, Callbacks::on_stream_close);
  nghttp2_session_callbacks_set_send_data_callback(all, Callbacks::send_data);
  nghttp2_session_callbacks_set_before_frame_send_callback(all, Callbacks::before_frame_send);
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

nghttp2_session* make_http2_client_session(Http2ClientConnection& connection) {
  static nghttp2_session_callbacks* const callbacks = make_callbacks();
  static nghttp2_option* const options = make_options();
  nghttp2_session* session = nullptr;
  int made = nghttp2_session_client_new3(&session, callbacks, &connection, options, http2_memory());
  GG_ASSERT(made == 0);
  return session;
}

nghttp2_data_provider http2_body_of_request() {
  return {.source = {.ptr = nullptr}, .read_callback = Http2ClientCallbacks::read_part};
}

}  // namespace gg
