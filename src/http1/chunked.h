// SPDX-License-Identifier: Apache-2.0
// The chunked transfer coding, decoded over arbitrary splits without copying payload (RFC
// 9112 7.1). Both connection kinds read bodies through it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/bytes.h"
#include "http/head.h"
#include "http/message_error.h"
#include "http1/head_parser.h"

namespace gg {

struct ChunkedLimits {
  Bytes extensions_max{4 * 1024};  // in all chunks of one body together (RFC 9112 7.1.1)
  Bytes trailers_max{16 * 1024};
  std::uint32_t trailer_fields_max = 64;  // at most HeadLimits::fields_ceiling
};

struct ChunkedStep {
  enum class State : std::uint8_t {
    need_more,  // all bytes are consumed, nothing of them was payload
    data,       // `data` is payload; call again with the rest
    end,        // the body and its trailers are whole; the rest is another message's
    failed,     // `error`; call no more
  };

  State state = State::need_more;
  MessageError error = MessageError::none;
  std::size_t consumed = 0;  // bytes taken off the front of the view, `data` included
  std::string_view data;     // inside the view that was given
};

/// One per body. Extensions are checked, counted and dropped. Trailer fields that may not stand in
/// a trailer fail the body if they could move a message's borders or way (Transfer-Encoding,
/// Content-Length, Host, Connection ...), and are dropped otherwise (RFC 9110 6.5.1).
class ChunkedDecoder {
 public:
  /// `pool` outlives the decoder; it is only touched when there are trailers.
  explicit ChunkedDecoder(BufferPool& pool, const ChunkedLimits& limits = {})
      : pool_(&pool), limits_(limits) {}

  /// Takes as much off the front of `bytes` as one step gives. Not to be called after `end` or
  /// `failed`.
  ChunkedStep next(std::string_view bytes);

  /// After `end`: the trailer fields, often none.
  Fields take_trailers() { return std::move(trailers_); }

  /// Payload bytes of the present chunk that have not come yet: what may be spliced past the
  /// decoder, told to it by skip().
  std::uint64_t chunk_left() const { return state_ == State::data ? left_ : 0; }
  /// Counts `count` payload bytes, at most chunk_left(), that went past the decoder.
  void skip(std::uint64_t count);

 private:
  enum class State : std::uint8_t {
    size_first,  // the first digit of a chunk-size
    size,
    before_semicolon,  // whitespace after the size
    before_name,       // of an extension
    name,
    after_name,  // whitespace
    before_value,
    value,
    after_quotes,  // a quoted value has just ended
    after_value,   // whitespace
    quoted,
    quoted_pair,
    size_lf,  // the LF of a chunk's header
    data,
    data_cr,
    data_lf,
    trailer_first,  // the byte behind the last chunk's header
    trailer_lf,     // the LF of an empty trailer section
    trailers,       // gathered in held_
    done,
  };

  static bool is_in_extension(State state) {
    return state >= State::before_semicolon && state <= State::quoted_pair;
  }
  MessageError take_byte(char byte);
  MessageError take_size(char byte);
  MessageError take_extension(char byte);
  State after_extension_part(char byte) const;
  ChunkedStep take_data(std::string_view bytes, std::size_t before);
  ChunkedStep take_trailers(std::string_view bytes, std::size_t before);
  ChunkedStep fail(MessageError error, std::size_t consumed);

  BufferPool* pool_;
  ChunkedLimits limits_;
  State state_ = State::size_first;
  std::uint8_t digits_ = 0;
  std::uint64_t left_ = 0;  // of the size being read, then of the data
  std::uint64_t extension_bytes_ = 0;
  Chunk held_;  // the trailer section so far
  HeadProgress progress_;
  Fields trailers_;
};

}  // namespace gg
