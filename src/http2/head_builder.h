// SPDX-License-Identifier: Apache-2.0
// The head of a message, or its trailers, from decoded HTTP/2 fields, as strictly as http1/ reads
// its own: what may not go on is refused here. No I/O; server.cc and client.cc feed it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/result.h"
#include "http/head.h"
#include "http/message_error.h"
#include "http2/settings.h"

namespace gg {

/// One section at a time; empty, it holds no memory. Rules: RFC 9113 8.2, 8.3; docs/http2.md.
class Http2HeadBuilder {
 public:
  enum class Section : std::uint8_t { request, response, trailers };

  explicit Http2HeadBuilder(BufferPool& pool) : pool_(pool) {}

  void begin(Section section, const Http2HeadLimits& limits);
  /// The next field, in the order it came in; copied. What is wrong with it comes to light at the
  /// end: the first error counts.
  void add(std::string_view name, std::string_view value);
  /// Bytes of the section so far as SETTINGS_MAX_HEADER_LIST_SIZE counts them, kept or not.
  std::uint64_t list_size() const { return list_size_; }

  /// Errors: those of the fields, no_host, repeated_host, bad_host, bad_target, bad_method and
  /// bad_pseudo_field. The Cookie pieces are one field again (RFC 9113 8.2.3). A CONNECT for a
  /// WebSocket (RFC 8441) is the GET that asks HTTP/1.1 for an upgrade.
  Result<RequestHead, MessageError> finish_request();
  /// Errors: those of the fields, bad_status_line, bad_pseudo_field and unexpected_upgrade.
  Result<ResponseHead, MessageError> finish_response();
  /// The same for a CONNECT that asked for a WebSocket (RFC 8441): the 2xx that opens it is the 101
  /// of HTTP/1.1, with `accept` as its Sec-WebSocket-Accept unless empty.
  Result<ResponseHead, MessageError> finish_response_to_websocket(std::string_view accept);
  /// Keeps what may stand in a trailer section. Errors: those of the fields, bad_trailer.
  Result<Fields, MessageError> finish_trailers();

 private:
  struct Span {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
    bool is_there = false;
  };
  struct Piece {
    Span name;
    Span value;
    FieldName id = FieldName::other;
  };
  class Copied;

  void fail(MessageError error) {
    if (error_ == MessageError::none) error_ = error;
  }
  void add_pseudo(std::string_view name, std::string_view value);
  void add_field(std::string_view name, std::string_view value);
  MessageError judge_field(std::string_view name, std::string_view value, FieldName id) const;
  Result<ResponseHead, MessageError> finish_response(bool is_of_websocket, std::string_view accept);
  MessageError judge_request(const RequestHead& head, std::string_view host) const;
  Span keep(std::string_view text);
  void reset();

  BufferPool& pool_;
  Http2HeadLimits limits_;
  Chunk text_;
  Chunk pieces_;
  std::uint32_t count_ = 0;    // of pieces
  std::uint32_t counted_ = 0;  // against fields_max
  std::uint32_t cookies_ = 0;
  std::uint64_t list_size_ = 0;
  Span method_, scheme_, authority_, path_, protocol_, status_;
  Section section_ = Section::request;
  MessageError error_ = MessageError::none;
};

}  // namespace gg
