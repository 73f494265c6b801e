// SPDX-License-Identifier: Apache-2.0
// Strict HTTP/1 heads from bytes: no I/O, no heap but the pool. The server and client connections
// of this folder feed it; docs/http1-strictness.md says what is refused and why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/bytes.h"
#include "http/head.h"
#include "http/message_error.h"

namespace gg {

/// What one head may take. A head at a limit is good, one byte or field more is not.
struct HeadLimits {
  static constexpr std::size_t fields_ceiling = 512;
  static constexpr Bytes section_ceiling{512 * 1024};

  Bytes target_max{16 * 1024};  // the request target (RFC 9110 4.1 asks for at least 8000)
  Bytes line_max{32 *
                 1024};  // any one line, without its CRLF; the request line is judged by target
  Bytes section_max{64 * 1024};    // from the first byte to the empty line, it included
  std::uint32_t fields_max = 128;  // at most fields_ceiling
};

/// Which limit a head broke.
enum class HeadLimit : std::uint8_t { none, target, line, fields, section };

/// What is wrong with a head, and where.
struct HeadFault {
  MessageError error = MessageError::none;
  HeadLimit limit = HeadLimit::none;
  std::uint32_t offset = 0;  // of the offending byte, from the head's first byte
};

/// How far earlier calls came with the same head, so that all calls together cost O(n). One per
/// head; value-initialised before the first call.
struct HeadProgress {
  std::uint32_t line_start = 0;  // every line before this offset is whole and valid
  std::uint32_t scanned = 0;     // [line_start, scanned) holds no line feed
  std::uint32_t fields = 0;      // field lines before line_start
  bool past_start_line = false;
};

struct HeadOutcome {
  enum class State : std::uint8_t { need_more, failed, complete };

  State state = State::need_more;
  std::size_t consumed = 0;  // complete: bytes of the head, leading empty lines included
  HeadFault fault;           // failed
};

/// `bytes` holds everything since the head's first byte. On `need_more`, call again with the same
/// bytes and more behind them, and the same `progress`; the outcome never depends on how the bytes
/// were split. On `complete`, `head` owns a compact copy in one chunk of `pool`, so the buffer
/// behind `bytes` may be reused. On `failed`, `head` is untouched.
/// An error is told once its line is whole or too long; bytes that cannot begin HTTP, at once.
/// Framing (Content-Length, Transfer-Encoding) is judged apart: http/framing.h.
HeadOutcome parse_request_head(std::string_view bytes, const HeadLimits& limits,
                               HeadProgress& progress, BufferPool& pool, RequestHead& head);

/// The same for a status line and its fields. HeadLimits::target_max has no part in it.
HeadOutcome parse_response_head(std::string_view bytes, const HeadLimits& limits,
                                HeadProgress& progress, BufferPool& pool, ResponseHead& head);

/// The same for the field lines behind a last chunk, up to and with the empty line.
HeadOutcome parse_trailer_section(std::string_view bytes, const HeadLimits& limits,
                                  HeadProgress& progress, BufferPool& pool, Fields& trailers);

}  // namespace gg
