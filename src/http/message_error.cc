// SPDX-License-Identifier: Apache-2.0
#include "http/message_error.h"

#include <array>
#include <cstddef>

namespace gg {
namespace {

struct Row {
  MessageError error;
  std::string_view name;
};

constexpr std::array<Row, static_cast<std::size_t>(MessageError::last) + 1> rows = {{
    {MessageError::none, "none"},
    {MessageError::not_http, "not_http"},
    {MessageError::bad_method, "bad_method"},
    {MessageError::bad_target, "bad_target"},
    {MessageError::target_too_long, "target_too_long"},
    {MessageError::bad_version, "bad_version"},
    {MessageError::unsupported_version, "unsupported_version"},
    {MessageError::bad_status_line, "bad_status_line"},
    {MessageError::bad_line_end, "bad_line_end"},
    {MessageError::bad_field_name, "bad_field_name"},
    {MessageError::bad_field_value, "bad_field_value"},
    {MessageError::obsolete_folding, "obsolete_folding"},
    {MessageError::no_colon, "no_colon"},
    {MessageError::bad_pseudo_field, "bad_pseudo_field"},
    {MessageError::connection_field, "connection_field"},
    {MessageError::head_too_large, "head_too_large"},
    {MessageError::too_many_fields, "too_many_fields"},
    {MessageError::no_host, "no_host"},
    {MessageError::repeated_host, "repeated_host"},
    {MessageError::bad_host, "bad_host"},
    {MessageError::bad_content_length, "bad_content_length"},
    {MessageError::repeated_content_length, "repeated_content_length"},
    {MessageError::length_and_coding, "length_and_coding"},
    {MessageError::bad_transfer_coding, "bad_transfer_coding"},
    {MessageError::unsupported_transfer_coding, "unsupported_transfer_coding"},
    {MessageError::body_not_allowed, "body_not_allowed"},
    {MessageError::bad_chunk_size, "bad_chunk_size"},
    {MessageError::chunk_extension_too_long, "chunk_extension_too_long"},
    {MessageError::bad_chunk_end, "bad_chunk_end"},
    {MessageError::bad_trailer, "bad_trailer"},
    {MessageError::trailers_too_large, "trailers_too_large"},
    {MessageError::excess_bytes, "excess_bytes"},
    {MessageError::body_too_large, "body_too_large"},
    {MessageError::ended_before_head, "ended_before_head"},
    {MessageError::ended_in_head, "ended_in_head"},
    {MessageError::ended_in_body, "ended_in_body"},
    {MessageError::too_many_interim_responses, "too_many_interim_responses"},
    {MessageError::unexpected_upgrade, "unexpected_upgrade"},
    {MessageError::bad_expectation, "bad_expectation"},
    {MessageError::http2_violation, "http2_violation"},
    {MessageError::stream_reset, "stream_reset"},
    {MessageError::stream_refused, "stream_refused"},
    {MessageError::goaway_unprocessed, "goaway_unprocessed"},
}};

consteval bool rows_are_in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].error != static_cast<MessageError>(i) || rows[i].name.empty()) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

}  // namespace

std::string_view text_of(MessageError error) { return rows[static_cast<std::size_t>(error)].name; }

}  // namespace gg
