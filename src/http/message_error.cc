// SPDX-License-Identifier: Apache-2.0
#include "http/message_error.h"

namespace gg {

std::string_view text_of(MessageError error) {
  switch (error) {
    case MessageError::none:
      return "none";
    case MessageError::not_http:
      return "not_http";
    case MessageError::bad_method:
      return "bad_method";
    case MessageError::bad_target:
      return "bad_target";
    case MessageError::target_too_long:
      return "target_too_long";
    case MessageError::bad_version:
      return "bad_version";
    case MessageError::unsupported_version:
      return "unsupported_version";
    case MessageError::bad_status_line:
      return "bad_status_line";
    case MessageError::bad_line_end:
      return "bad_line_end";
    case MessageError::bad_field_name:
      return "bad_field_name";
    case MessageError::bad_field_value:
      return "bad_field_value";
    case MessageError::obsolete_folding:
      return "obsolete_folding";
    case MessageError::no_colon:
      return "no_colon";
    case MessageError::head_too_large:
      return "head_too_large";
    case MessageError::too_many_fields:
      return "too_many_fields";
    case MessageError::no_host:
      return "no_host";
    case MessageError::repeated_host:
      return "repeated_host";
    case MessageError::bad_host:
      return "bad_host";
    case MessageError::bad_content_length:
      return "bad_content_length";
    case MessageError::repeated_content_length:
      return "repeated_content_length";
    case MessageError::length_and_coding:
      return "length_and_coding";
    case MessageError::bad_transfer_coding:
      return "bad_transfer_coding";
    case MessageError::unsupported_transfer_coding:
      return "unsupported_transfer_coding";
    case MessageError::body_not_allowed:
      return "body_not_allowed";
    case MessageError::bad_chunk_size:
      return "bad_chunk_size";
    case MessageError::chunk_extension_too_long:
      return "chunk_extension_too_long";
    case MessageError::bad_chunk_end:
      return "bad_chunk_end";
    case MessageError::bad_trailer:
      return "bad_trailer";
    case MessageError::trailers_too_large:
      return "trailers_too_large";
    case MessageError::excess_bytes:
      return "excess_bytes";
    case MessageError::body_too_large:
      return "body_too_large";
    case MessageError::ended_before_head:
      return "ended_before_head";
    case MessageError::ended_in_head:
      return "ended_in_head";
    case MessageError::ended_in_body:
      return "ended_in_body";
    case MessageError::too_many_interim_responses:
      return "too_many_interim_responses";
    case MessageError::unexpected_upgrade:
      return "unexpected_upgrade";
    case MessageError::bad_expectation:
      return "bad_expectation";
  }
  return "";
}

}  // namespace gg
