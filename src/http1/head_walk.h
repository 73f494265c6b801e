// SPDX-License-Identifier: Apache-2.0
// The line by line walk over a head: finds every part as an offset, and the first thing wrong. The
// inside of head_parser; nobody else uses it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "http/head.h"
#include "http1/head_parser.h"

namespace gg {

enum class SectionKind : std::uint8_t { request, response, trailers };

/// A part of the input, as offsets, so that it may be copied elsewhere.
struct RawSpan {
  std::uint32_t begin;
  std::uint32_t size;
};

struct RawField {
  RawSpan name;
  RawSpan value;
  FieldName id;
};

/// Scratch for one walk. Deliberately without initialisers: 10 KiB that are written before read.
struct RawHead {
  RawSpan method;
  RawSpan target;
  RawSpan reason;
  int status;
  HttpVersion version;
  std::uint32_t begin;  // of the start line, behind empty lines
  std::uint32_t field_count;
  std::array<RawField, HeadLimits::fields_ceiling> fields;
};

/// One walk over the bytes that are there, from `progress` on.
class HeadWalk {
 public:
  HeadWalk(std::string_view bytes, const HeadLimits& limits, HeadProgress& progress, RawHead& raw)
      : bytes_(bytes), limits_(limits), progress_(progress), raw_(raw) {}

  HeadOutcome run(SectionKind kind);

 private:
  enum class Line : std::uint8_t { whole, last, unfit };

  const char* begin() const { return bytes_.data() + progress_.line_start; }
  const char* end() const { return bytes_.data() + bytes_.size(); }
  std::uint32_t offset_of(const char* place) const {
    return static_cast<std::uint32_t>(place - bytes_.data());
  }
  RawSpan span(const char* from, const char* to) const {
    return {offset_of(from), static_cast<std::uint32_t>(to - from)};
  }
  std::uint32_t line_boundary(std::uint64_t line_max) const;
  bool ends_in_bounds(const char* after, std::uint64_t line_max) const;
  void pass_line(const char* after);

  HeadOutcome run_lines(SectionKind kind);
  bool skip_empty_lines();
  HeadOutcome check_first_bytes(SectionKind kind) const;
  bool take_request_line();
  bool take_status_line();
  Line take_field_line();

  HeadOutcome look_for_line_feed(SectionKind kind, const char*& line_feed);
  HeadOutcome explain(SectionKind kind);
  HeadFault judge_long_line(SectionKind kind, std::uint32_t boundary) const;
  HeadFault judge_request_line(const char* line_feed) const;
  HeadFault judge_method(const char* method_end, const char* line_feed) const;
  HeadFault judge_target(const char* target, const char* target_end, const char* line_feed) const;
  HeadFault judge_version(const char* version, const char* line_feed) const;
  HeadFault judge_status_line(const char* line_feed) const;
  HeadFault judge_field_line(const char* line_feed) const;
  HeadFault fault(MessageError error, const char* place, HeadLimit limit = HeadLimit::none) const {
    return {error, limit, offset_of(place)};
  }

  std::string_view bytes_;
  const HeadLimits& limits_;
  HeadProgress& progress_;
  RawHead& raw_;
};

}  // namespace gg
