// SPDX-License-Identifier: Apache-2.0
#include "http1/head_parser.h"

#include <cstring>
#include <new>
#include <span>

#include "base/assert.h"
#include "http/authority.h"
#include "http/trailers.h"
#include "http1/head_walk.h"
#include "http1/target.h"

namespace gg {
namespace {

using State = HeadOutcome::State;

HeadOutcome walk(SectionKind kind, std::string_view bytes, const HeadLimits& limits,
                 HeadProgress& progress, RawHead& raw) {
  GG_ASSERT(limits.fields_max <= HeadLimits::fields_ceiling);
  GG_ASSERT(limits.section_max <= HeadLimits::section_ceiling);
  bool is_first_call = progress.scanned == 0 && progress.line_start == 0;
  HeadOutcome outcome = HeadWalk(bytes, limits, progress, raw).run(kind);
  if (outcome.state != State::complete || is_first_call) return outcome;
  // Earlier calls kept no offsets, so the whole head is walked once more, as if it had come at
  // once.
  progress = {};
  return HeadWalk(bytes, limits, progress, raw).run(kind);
}

HeadOutcome failed(MessageError error, std::uint32_t offset) {
  return {.state = State::failed, .fault = {error, HeadLimit::none, offset}};
}

/// Where the bytes of a head went.
class Copied {
 public:
  Copied(const char* text, std::uint32_t begin) : text_(text), begin_(begin) {}
  std::string_view operator()(RawSpan span) const {
    return {text_ + (span.begin - begin_), span.size};
  }

 private:
  const char* text_;
  std::uint32_t begin_;
};

/// Puts the fields' array and, behind it, the head's text into one chunk.
Copied copy_head(std::string_view bytes, const RawHead& raw, BufferPool& pool, Fields& fields) {
  std::size_t array_size = raw.field_count * sizeof(Field);
  std::string_view text = bytes.substr(raw.begin);
  Chunk chunk = pool.take(array_size + text.size());
  char* place = chunk.spare().data();
  std::memcpy(place + array_size, text.data(), text.size());
  chunk.extend(array_size + text.size());

  Copied at(place + array_size, raw.begin);
  auto* array = reinterpret_cast<Field*>(place);
  for (std::uint32_t i = 0; i < raw.field_count; ++i) {
    const RawField& field = raw.fields[i];
    new (&array[i]) Field{at(field.name), at(field.value), field.id};
  }
  fields.adopt(std::move(chunk), {array, raw.field_count});
  return at;
}

/// RFC 9112 3.2: exactly one in HTTP/1.1, and never a malformed one. It may be empty.
HeadOutcome check_host(std::string_view bytes, const RawHead& raw, HeadOutcome outcome,
                       std::string_view& host) {
  const RawField* found = nullptr;
  for (const RawField& field : std::span(raw.fields).first(raw.field_count)) {
    if (field.id != FieldName::host) continue;
    if (found != nullptr) return failed(MessageError::repeated_host, field.name.begin);
    found = &field;
  }
  if (found == nullptr) {
    if (raw.version == HttpVersion::http10) return outcome;
    return failed(MessageError::no_host, static_cast<std::uint32_t>(outcome.consumed));
  }
  host = bytes.substr(found->value.begin, found->value.size);
  std::optional<Authority> authority = parse_authority(host);
  bool is_port_alone = authority && authority->host.empty() && authority->has_port;
  if (!authority || is_port_alone) return failed(MessageError::bad_host, found->value.begin);
  return outcome;
}

/// Keeps what may stand in a trailer section. Not none: what fails it.
HeadOutcome sift_trailers(std::string_view bytes, RawHead& raw, HeadOutcome outcome) {
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < raw.field_count; ++i) {
    const RawField& field = raw.fields[i];
    switch (judge_trailer(field.id, bytes.substr(field.name.begin, field.name.size))) {
      case TrailerVerdict::keep:
        raw.fields[kept++] = field;
        break;
      case TrailerVerdict::drop:
        break;
      case TrailerVerdict::refuse:
        return failed(MessageError::bad_trailer, field.name.begin);
    }
  }
  raw.field_count = kept;
  return outcome;
}

}  // namespace

HeadOutcome parse_request_head(std::string_view bytes, const HeadLimits& limits,
                               HeadProgress& progress, BufferPool& pool, RequestHead& head) {
  RawHead
      raw;  // NOLINT(cppcoreguidelines-pro-type-member-init): clearing it costs a third of a parse
  HeadOutcome outcome = walk(SectionKind::request, bytes, limits, progress, raw);
  if (outcome.state != State::complete) return outcome;
  std::string_view host;
  outcome = check_host(bytes, raw, outcome, host);
  if (outcome.state != State::complete) return outcome;

  std::string_view text = bytes.substr(0, outcome.consumed);
  Copied at = copy_head(text, raw, pool, head.fields);
  head.method_text = at(raw.method);
  head.method = method_of(head.method_text);
  head.version = raw.version;
  head.target = at(raw.target);
  TargetParts parts;
  bool fits = split_target(head.method, head.target, parts);
  GG_ASSERT(fits);
  head.form = parts.form;
  head.path = parts.path;
  head.query = parts.query;
  head.has_query = parts.has_query;
  head.authority = parts.authority;
  // RFC 9112 3.2.2: an absolute target's authority counts, whatever Host says.
  bool is_in_target = parts.form == TargetForm::absolute || parts.form == TargetForm::authority;
  const Field* field = is_in_target ? nullptr : head.fields.find(FieldName::host);
  if (field != nullptr) head.authority = field->value;
  return outcome;
}

HeadOutcome parse_response_head(std::string_view bytes, const HeadLimits& limits,
                                HeadProgress& progress, BufferPool& pool, ResponseHead& head) {
  RawHead raw;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  HeadOutcome outcome = walk(SectionKind::response, bytes, limits, progress, raw);
  if (outcome.state != State::complete) return outcome;

  Copied at = copy_head(bytes.substr(0, outcome.consumed), raw, pool, head.fields);
  head.status = raw.status;
  head.version = raw.version;
  head.reason = at(raw.reason);
  return outcome;
}

HeadOutcome parse_trailer_section(std::string_view bytes, const HeadLimits& limits,
                                  HeadProgress& progress, BufferPool& pool, Fields& trailers) {
  RawHead raw;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  raw.begin = 0;
  HeadOutcome outcome = walk(SectionKind::trailers, bytes, limits, progress, raw);
  if (outcome.state != State::complete) return outcome;
  outcome = sift_trailers(bytes, raw, outcome);
  if (outcome.state != State::complete) return outcome;
  trailers = {};
  if (raw.field_count > 0) copy_head(bytes.substr(0, outcome.consumed), raw, pool, trailers);
  return outcome;
}

}  // namespace gg
