// SPDX-License-Identifier: Apache-2.0
// What must hold for any bytes that an HTTP/1 peer sends. The fuzz targets check it on invented
// input, make test on every corpus.
#pragma once

#include <string>
#include <string_view>

#include "base/assert.h"
#include "http/hop_by_hop.h"
#include "http1/head_parser.h"
#include "http1/scan.h"
#include "http1/writer.h"
#include "vectors/message_reader.h"

namespace gg::testing {

/// However the bytes are cut, the reading is the same.
inline void check_cuts(Side side, std::string_view bytes, Method request_method) {
  std::string whole = read_whole(side, bytes, request_method);
  for (std::size_t piece : {1U, 2U, 3U, 5U, 16U, 17U, 64U}) {
    GG_ASSERT(read_in_pieces(side, bytes, piece, request_method) == whole);
  }
}

/// The vector code and its scalar twin agree.
inline void check_scans(std::string_view bytes) {
  const char* end = bytes.data() + bytes.size();
  for (const char* at = bytes.data(); at != end; ++at) {
    GG_ASSERT(scan::skip_value(at, end) == scan::skip_scalar<CharacterClass::value>(at, end));
    GG_ASSERT(scan::skip_token(at, end) == scan::skip_scalar<CharacterClass::token>(at, end));
    GG_ASSERT(scan::skip_target(at, end) == scan::skip_scalar<CharacterClass::target>(at, end));
  }
}

inline void check_same_fields(const Fields& a, const Fields& b) {
  GG_ASSERT(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    GG_ASSERT(a.all()[i].name == b.all()[i].name);
    GG_ASSERT(a.all()[i].value == b.all()[i].value);
    GG_ASSERT(a.all()[i].id == b.all()[i].id);
  }
}

/// What was written reads back as the same head, and is written the same again.
inline void check_request_round_trip(std::string_view bytes) {
  BufferPool pool;
  HeadProgress progress;
  RequestHead head;
  HeadOutcome outcome = parse_request_head(bytes, {}, progress, pool, head);
  // Written as HTTP/1.1, a request of HTTP/1.0 may lack its Host.
  bool is_comparable =
      outcome.state == HeadOutcome::State::complete && head.version == HttpVersion::http11;
  if (!is_comparable) return;
  HopFilter filter = HopFilter::for_request(head);
  for (const Field& field : head.fields.all()) filter.passes(field);

  Chunk written = write_request_head(head.method_text, head.target, head.fields.all(), {}, pool);
  HeadLimits wide{.line_max = {128 * 1024}, .section_max = {256 * 1024}};
  HeadProgress again_progress;
  RequestHead again;
  HeadOutcome second = parse_request_head(written.view(), wide, again_progress, pool, again);
  GG_ASSERT(second.state == HeadOutcome::State::complete);
  GG_ASSERT(second.consumed == written.size());
  GG_ASSERT(again.method == head.method && again.target == head.target);
  GG_ASSERT(again.authority == head.authority && again.path == head.path);
  check_same_fields(again.fields, head.fields);
  Chunk rewritten =
      write_request_head(again.method_text, again.target, again.fields.all(), {}, pool);
  GG_ASSERT(rewritten.view() == written.view());
}

inline void check_response_round_trip(std::string_view bytes) {
  BufferPool pool;
  HeadProgress progress;
  ResponseHead head;
  HeadOutcome outcome = parse_response_head(bytes, {}, progress, pool, head);
  if (outcome.state != HeadOutcome::State::complete) return;
  HopFilter filter = HopFilter::for_response(head);
  for (const Field& field : head.fields.all()) filter.passes(field);

  Chunk written = write_response_head(head.status, head.reason, head.fields.all(), {}, pool);
  HeadLimits wide{.line_max = {128 * 1024}, .section_max = {256 * 1024}};
  HeadProgress again_progress;
  ResponseHead again;
  HeadOutcome second = parse_response_head(written.view(), wide, again_progress, pool, again);
  GG_ASSERT(second.state == HeadOutcome::State::complete);
  GG_ASSERT(second.consumed == written.size());
  GG_ASSERT(again.status == head.status && again.reason == head.reason);
  check_same_fields(again.fields, head.fields);
}

}  // namespace gg::testing
