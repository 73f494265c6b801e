// SPDX-License-Identifier: Apache-2.0
// The way of good lines. It only recognises: whatever it does not, explain() in head_faults.cc
// looks at again, slowly, and says what is wrong.
#include "http1/head_walk.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "http1/head_rules.h"
#include "http1/scan.h"
#include "http1/target.h"

namespace gg {
namespace {

constexpr std::uint32_t empty_lines_max = 4;  // before a request line (RFC 9112 2.2)

bool is_line_end(const char* at, const char* end) {
  return end - at >= 2 && at[0] == '\r' && at[1] == '\n';
}

bool is_space(char c) { return c == ' ' || c == '\t'; }

}  // namespace

HeadOutcome HeadWalk::run(SectionKind kind) {
  if (kind == SectionKind::trailers) progress_.past_start_line = true;
  if (!progress_.past_start_line) {
    if (kind == SectionKind::request && !skip_empty_lines()) return {};
    HeadOutcome first = check_first_bytes(kind);
    if (first.state == HeadOutcome::State::failed) return first;
  }
  if (progress_.scanned > progress_.line_start) {
    const char* line_feed = nullptr;
    HeadOutcome outcome = look_for_line_feed(kind, line_feed);
    if (line_feed == nullptr) return outcome;
  }
  return run_lines(kind);
}

HeadOutcome HeadWalk::run_lines(SectionKind kind) {
  if (!progress_.past_start_line) {
    bool is_taken = kind == SectionKind::request ? take_request_line() : take_status_line();
    if (!is_taken) return explain(kind);
  }
  Line line = Line::whole;
  while (line == Line::whole) line = take_field_line();
  if (line == Line::unfit) return explain(kind);
  raw_.field_count = progress_.fields;
  return {.state = HeadOutcome::State::complete, .consumed = progress_.line_start};
}

/// One past the last place where the line feed of the present line may stand.
std::uint32_t HeadWalk::line_boundary(std::uint64_t line_max) const {
  std::uint64_t line_end = progress_.line_start + line_max + 2;
  return static_cast<std::uint32_t>(std::min(line_end, limits_.section_max.count));
}

bool HeadWalk::ends_in_bounds(const char* after, std::uint64_t line_max) const {
  return offset_of(after) <= line_boundary(line_max);
}

void HeadWalk::pass_line(const char* after) {
  progress_.line_start = offset_of(after);
  progress_.past_start_line = true;
}

/// False if nothing is left to look at.
bool HeadWalk::skip_empty_lines() {
  while (progress_.line_start < 2 * empty_lines_max && is_line_end(begin(), end())) {
    progress_.line_start += 2;
  }
  return begin() != end();
}

bool HeadWalk::take_request_line() {
  const char* method = begin();
  const char* method_end = scan::skip_token(method, end());
  auto method_size = static_cast<std::size_t>(method_end - method);
  if (method_size == 0 || method_size > head_rules::method_max) return false;
  if (method_end == end() || *method_end != ' ') return false;

  const char* target = method_end + 1;
  const char* target_end = scan::skip_target(target, end());
  auto target_size = static_cast<std::size_t>(target_end - target);
  if (target_size == 0 || target_size > limits_.target_max.count) return false;

  constexpr std::string_view version = " HTTP/1.";
  if (end() - target_end < 11 || !is_line_end(target_end + 9, end())) return false;
  if (std::memcmp(target_end, version.data(), version.size()) != 0) return false;
  char minor = target_end[8];
  if (minor != '0' && minor != '1') return false;
  const char* after = target_end + 11;
  if (!ends_in_bounds(after, head_rules::request_line_max(limits_))) return false;
  if (!head_rules::target_fits({method, method_size}, {target, target_size})) return false;

  raw_.begin = progress_.line_start;
  raw_.method = span(method, method_end);
  raw_.target = span(target, target_end);
  raw_.version = minor == '0' ? HttpVersion::http10 : HttpVersion::http11;
  pass_line(after);
  return true;
}

/// The space behind the status may be missing along with the reason (RFC 9112 4 lets a recipient
/// part the line at whitespace), as many small servers send it.
bool HeadWalk::take_status_line() {
  const char* at = begin();
  constexpr std::string_view version = "HTTP/1.";
  if (end() - at < 14 || std::memcmp(at, version.data(), version.size()) != 0) return false;
  char minor = at[7];
  if ((minor != '0' && minor != '1') || at[8] != ' ') return false;
  if (at[9] < '1' || at[9] > '9' || !is_digit(at[10]) || !is_digit(at[11])) return false;

  const char* reason = at + 12;
  if (*reason == ' ') ++reason;
  const char* reason_end = at[12] == ' ' ? scan::skip_value(reason, end()) : reason;
  if (!is_line_end(reason_end, end())) return false;
  if (!ends_in_bounds(reason_end + 2, limits_.line_max.count)) return false;

  raw_.begin = progress_.line_start;
  raw_.version = minor == '0' ? HttpVersion::http10 : HttpVersion::http11;
  raw_.status = (at[9] - '0') * 100 + (at[10] - '0') * 10 + (at[11] - '0');
  raw_.reason = span(reason, reason_end);
  pass_line(reason_end + 2);
  return true;
}

HeadWalk::Line HeadWalk::take_field_line() {
  const char* name = begin();
  const char* stop = end();
  std::uint32_t boundary = line_boundary(limits_.line_max.count);
  if (is_line_end(name, stop) && offset_of(name) + 2 <= boundary) {
    pass_line(name + 2);
    return Line::last;
  }
  if (progress_.fields == limits_.fields_max) return Line::unfit;

  const char* name_end = scan::skip_token(name, stop);
  if (name_end == name || name_end == stop || *name_end != ':') return Line::unfit;
  const char* value = name_end + 1;
  while (value != stop && is_space(*value)) ++value;
  const char* line_end = scan::skip_value(value, stop);
  if (!is_line_end(line_end, stop) || offset_of(line_end) + 2 > boundary) return Line::unfit;
  const char* value_end = line_end;
  while (value_end != value && is_space(value_end[-1])) --value_end;

  RawField& field = raw_.fields[progress_.fields++];
  field.name = span(name, name_end);
  field.value = span(value, value_end);
  field.id = field_name_of({name, static_cast<std::size_t>(name_end - name)});
  pass_line(line_end + 2);
  return Line::whole;
}

}  // namespace gg
