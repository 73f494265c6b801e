// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a message: one list for requests and responses, for every protocol.
// What it means for the exchange is decided in fault/classify.
#pragma once

#include <cstdint>
#include <string_view>

namespace gg {

enum class MessageError : std::uint8_t {
  none,
  // Start lines.
  not_http,    // the first bytes are of another protocol (TLS, HTTP/2 preface, SSH, noise)
  bad_method,  // a character that no token has, or longer than any method
  bad_target,  // empty, a forbidden character, or a form that does not fit the method
  target_too_long,
  bad_version,          // not of the form HTTP/d.d
  unsupported_version,  // well formed, but not 1.0 or 1.1
  bad_status_line,      // no three-digit status, or a forbidden character in the reason
  bad_line_end,         // a CR without LF, or a bare LF where strictness forbids it
  // Field lines.
  bad_field_name,   // empty, or a character that no token has, whitespace before ':' included
  bad_field_value,  // NUL, CR, or another control character
  obsolete_folding,
  no_colon,
  bad_pseudo_field,  // HTTP/2: unknown, missing, repeated or behind other fields
  connection_field,  // HTTP/2: one that speaks of an HTTP/1 connection
  head_too_large,    // the whole section, or one line
  too_many_fields,
  // Host and target.
  no_host,
  repeated_host,
  bad_host,
  // Framing.
  bad_content_length,  // not digits, overflow, or list of different values
  repeated_content_length,
  length_and_coding,    // Content-Length together with Transfer-Encoding
  bad_transfer_coding,  // chunked not last or repeated, or in an HTTP/1.0 message
  unsupported_transfer_coding,
  body_not_allowed,  // a length or coding on a message that cannot have one
  // Bodies.
  bad_chunk_size,
  chunk_extension_too_long,
  bad_chunk_end,  // data not followed by CRLF
  bad_trailer,    // malformed, or a field that may not stand in a trailer
  trailers_too_large,
  excess_bytes,  // more came than the framing allows
  body_too_large,
  // Ends.
  ended_before_head,  // closed with no byte of a head
  ended_in_head,
  ended_in_body,
  // Conduct.
  too_many_interim_responses,
  unexpected_upgrade,  // 101 that nobody asked for
  bad_expectation,     // an Expect other than 100-continue
  // HTTP/2; each with an error code.
  http2_violation,     // frames, windows or header compression
  stream_reset,        // taken back by the peer
  stream_refused,      // likewise, and it was not looked at
  goaway_unprocessed,  // likewise, by the end of its connection
  last = goaway_unprocessed,
};

/// The snake_case name, for records and logs.
std::string_view text_of(MessageError error);

}  // namespace gg
