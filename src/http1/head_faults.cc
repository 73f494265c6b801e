// SPDX-License-Identifier: Apache-2.0
// What is wrong with a line that the walk did not recognise. Slow and exact: an error is judged
// only on a whole line, or on one that is too long, so that it never depends on how bytes came.
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "base/assert.h"
#include "base/text.h"
#include "http1/head_rules.h"
#include "http1/head_walk.h"
#include "http1/scan.h"

namespace gg {
namespace {

using State = HeadOutcome::State;

bool starts_with(const char* at, const char* end, std::string_view prefix) {
  return static_cast<std::size_t>(end - at) >= prefix.size() &&
         std::memcmp(at, prefix.data(), prefix.size()) == 0;
}

/// Lines that other protocols greet with and that begin like a token.
bool is_other_protocol(std::string_view line) {
  return line.starts_with("SSH-") || line.starts_with("PROXY ") ||
         line.starts_with("PRI * HTTP/2.0");
}

bool ends_line(const char* at) { return *at == '\r' || *at == '\n'; }

bool is_line_end(const char* at, const char* line_feed) {
  return *at == '\r' && at + 1 == line_feed;
}

/// A CR or LF that is not the line's good end.
bool breaks_line(const char* at, const char* line_feed) {
  return ends_line(at) && !is_line_end(at, line_feed);
}

}  // namespace

/// Decided from the bytes at hand, whole line or not: who speaks another protocol may never send a
/// line feed, and may wait for an answer.
HeadOutcome HeadWalk::check_first_bytes(SectionKind kind) const {
  if (begin() == end()) return {};
  char first = *begin();
  if (kind == SectionKind::request) {
    if (is_in(CharacterClass::token, first) || ends_line(begin())) return {};
    bool is_text = is_in(CharacterClass::value, first) && static_cast<unsigned char>(first) < 0x80;
    MessageError error = is_text ? MessageError::bad_method : MessageError::not_http;
    return {.state = State::failed, .fault = fault(error, begin())};
  }

  constexpr std::string_view name = "HTTP/";
  auto here = static_cast<std::size_t>(end() - begin());
  std::string_view start(begin(), std::min(here, name.size()));
  auto mismatch = std::mismatch(start.begin(), start.end(), name.begin());
  if (mismatch.first == start.end()) return {};
  MessageError error = ends_line(begin()) ? MessageError::bad_status_line : MessageError::not_http;
  return {.state = State::failed, .fault = fault(error, mismatch.first)};
}

/// Sets `line_feed`, or says need_more or failed.
HeadOutcome HeadWalk::look_for_line_feed(SectionKind kind, const char*& line_feed) {
  bool is_request_line = !progress_.past_start_line && kind == SectionKind::request;
  std::uint32_t boundary = line_boundary(is_request_line ? head_rules::request_line_max(limits_)
                                                         : limits_.line_max.count);
  auto size = static_cast<std::uint32_t>(std::min<std::size_t>(bytes_.size(), boundary));
  std::uint32_t from = std::max(progress_.line_start, progress_.scanned);
  if (from < size) {
    const void* found = std::memchr(bytes_.data() + from, '\n', size - from);
    line_feed = static_cast<const char*>(found);
  }
  if (line_feed != nullptr) return {};
  progress_.scanned = std::max(from, size);
  if (bytes_.size() < boundary) return {};
  return {.state = State::failed, .fault = judge_long_line(kind, boundary)};
}

/// For the line at `progress_.line_start`, which is not good, or not whole.
HeadOutcome HeadWalk::explain(SectionKind kind) {
  const char* line_feed = nullptr;
  HeadOutcome outcome = look_for_line_feed(kind, line_feed);
  if (line_feed == nullptr) return outcome;
  outcome.state = State::failed;
  if (progress_.past_start_line) {
    outcome.fault = judge_field_line(line_feed);
  } else if (kind == SectionKind::request) {
    outcome.fault = judge_request_line(line_feed);
    std::string_view line(begin(), static_cast<std::size_t>(line_feed - begin()));
    if (is_other_protocol(line)) outcome.fault = fault(MessageError::not_http, begin());
  } else {
    outcome.fault = judge_status_line(line_feed);
  }
  return outcome;
}

HeadFault HeadWalk::judge_long_line(SectionKind kind, std::uint32_t boundary) const {
  const char* place = bytes_.data() + boundary;
  if (boundary == limits_.section_max.count) {
    return fault(MessageError::head_too_large, place, HeadLimit::section);
  }
  if (progress_.past_start_line || kind != SectionKind::request) {
    return fault(MessageError::head_too_large, place, HeadLimit::line);
  }
  const char* method_end = scan::skip_token(begin(), begin() + head_rules::method_max + 1);
  bool has_method = method_end != begin() && *method_end == ' ' &&
                    method_end - begin() <= static_cast<int>(head_rules::method_max);
  if (!has_method) return fault(MessageError::bad_method, method_end);
  return fault(MessageError::target_too_long, place, HeadLimit::target);
}

HeadFault HeadWalk::judge_request_line(const char* line_feed) const {
  const char* method_end = scan::skip_token(begin(), line_feed);
  HeadFault wrong = judge_method(method_end, line_feed);
  if (wrong.error != MessageError::none) return wrong;
  const char* target = method_end + 1;
  const char* target_end = scan::skip_target(target, line_feed);
  wrong = judge_target(target, target_end, line_feed);
  if (wrong.error != MessageError::none) return wrong;
  wrong = judge_version(target_end + 1, line_feed);
  if (wrong.error != MessageError::none) return wrong;

  std::string_view method(begin(), static_cast<std::size_t>(method_end - begin()));
  std::string_view text(target, static_cast<std::size_t>(target_end - target));
  GG_ASSERT(!head_rules::target_fits(method, text));
  return fault(MessageError::bad_target, target);
}

/// None if a good method and a space stand there.
HeadFault HeadWalk::judge_method(const char* method_end, const char* line_feed) const {
  if (breaks_line(method_end, line_feed)) return fault(MessageError::bad_line_end, method_end);
  if (method_end - begin() > static_cast<std::ptrdiff_t>(head_rules::method_max)) {
    return fault(MessageError::bad_method, begin() + head_rules::method_max);
  }
  if (method_end == begin()) return fault(MessageError::bad_method, begin());
  if (is_line_end(method_end, line_feed)) return fault(MessageError::bad_target, method_end);
  if (*method_end != ' ') return fault(MessageError::bad_method, method_end);
  return {};
}

/// None if a target of good characters and a space stand there.
HeadFault HeadWalk::judge_target(const char* target, const char* target_end,
                                 const char* line_feed) const {
  if (breaks_line(target_end, line_feed)) return fault(MessageError::bad_line_end, target_end);
  if (target_end == target) return fault(MessageError::bad_target, target);
  if (static_cast<std::size_t>(target_end - target) > limits_.target_max.count) {
    return fault(MessageError::target_too_long, target + limits_.target_max.count,
                 HeadLimit::target);
  }
  // "GET /" alone is HTTP/0.9.
  if (is_line_end(target_end, line_feed)) return fault(MessageError::bad_version, target_end);
  if (*target_end != ' ') return fault(MessageError::bad_target, target_end);
  return {};
}

/// None if the line ends in a version that is served.
HeadFault HeadWalk::judge_version(const char* version, const char* line_feed) const {
  bool has_form = line_feed - version >= 8 && starts_with(version, line_feed, "HTTP/") &&
                  is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (!has_form) return fault(MessageError::bad_version, version);
  const char* after = version + 8;
  if (breaks_line(after, line_feed)) return fault(MessageError::bad_line_end, after);
  if (!is_line_end(after, line_feed)) return fault(MessageError::bad_version, after);
  bool is_served = version[5] == '1' && version[7] <= '1';
  return is_served ? HeadFault{} : fault(MessageError::unsupported_version, version);
}

HeadFault HeadWalk::judge_status_line(const char* line_feed) const {
  const char* at = begin();
  bool has_form =
      line_feed - at >= 8 && is_digit(at[5]) && at[6] == '.' && is_digit(at[7]) && !is_digit(at[8]);
  if (!has_form) return fault(MessageError::bad_version, at + 5);
  if (at[5] != '1' || at[7] > '1') return fault(MessageError::unsupported_version, at + 5);

  bool has_status = line_feed - at >= 12 && at[8] == ' ' && at[9] >= '1' && at[9] <= '9' &&
                    is_digit(at[10]) && is_digit(at[11]);
  if (!has_status) return fault(MessageError::bad_status_line, at + 8);
  const char* stop = at[12] == ' ' ? scan::skip_value(at + 13, line_feed) : at + 12;
  GG_ASSERT(!is_line_end(stop, line_feed));
  return fault(ends_line(stop) ? MessageError::bad_line_end : MessageError::bad_status_line, stop);
}

HeadFault HeadWalk::judge_field_line(const char* line_feed) const {
  if (progress_.fields == limits_.fields_max && !ends_line(begin())) {
    return fault(MessageError::too_many_fields, begin(), HeadLimit::fields);
  }
  // Also right behind the start line, where it would hide a field (RFC 9112 2.2).
  if (*begin() == ' ' || *begin() == '\t') return fault(MessageError::obsolete_folding, begin());

  const char* name_end = scan::skip_token(begin(), line_feed);
  if (*name_end != ':') {
    if (is_line_end(name_end, line_feed)) return fault(MessageError::no_colon, name_end);
    return fault(ends_line(name_end) ? MessageError::bad_line_end : MessageError::bad_field_name,
                 name_end);
  }
  if (name_end == begin()) return fault(MessageError::bad_field_name, name_end);

  const char* stop = scan::skip_value(name_end + 1, line_feed);
  GG_ASSERT(!is_line_end(stop, line_feed));
  return fault(ends_line(stop) ? MessageError::bad_line_end : MessageError::bad_field_value, stop);
}

}  // namespace gg
