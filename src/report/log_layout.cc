// SPDX-License-Identifier: Apache-2.0
#include "report/log_layout.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "base/assert.h"

namespace gg {
namespace {

constexpr std::string_view combined_template =
    R"({client} - - [{time_common}] "{method} {target} {version}" {status} {bytes_out} )"
    R"("{referer}" "{user_agent}")";

/// How many single edits lie between two names (Levenshtein), for suggestions.
std::size_t distance_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string suggestion_for(std::string_view name) {
  std::string_view nearest;
  std::size_t shortest = 3;  // further away is another word
  for (const LogField& field : log_fields()) {
    if (field.use == LogFieldUse::json_only) continue;
    std::size_t distance = distance_between(name.substr(0, 64), field.name);
    if (distance >= shortest) continue;
    shortest = distance;
    nearest = field.name;
  }
  if (nearest.empty()) return "docs/access-log.md lists the fields";
  return "did you mean {" + std::string(nearest) + "}?";
}

/// The field whose place "{name}" begins at `position` of `text`.
Result<const LogField*, LogLayoutError> field_at(std::string_view text, std::size_t position) {
  std::size_t end = text.find('}', position);
  if (text[position] == '}' || end == std::string_view::npos) {
    return Failure(LogLayoutError{position, "a brace stands alone",
                                  "write {name} for a field, and {{ or }} for a brace"});
  }
  std::string_view name = text.substr(position + 1, end - position - 1);
  std::string place = "{" + std::string(name) + "}";
  const LogField* field = find_log_field(name);
  if (field == nullptr) {
    return Failure(LogLayoutError{position, "no field is called " + place, suggestion_for(name)});
  }
  if (field->use == LogFieldUse::json_only) {
    return Failure(LogLayoutError{position, place + " has no form outside JSON",
                                  "use the format json to get it"});
  }
  return field;
}

}  // namespace

LogLayout LogLayout::json() {
  LogLayout format;
  for (const LogField& field : log_fields()) {
    if (field.use == LogFieldUse::template_only) continue;
    std::string key = ",\"" + std::string(field.name) + "\":";
    Member member{.key_size = key.size(), .write = field.write};
    GG_ASSERT(key.size() <= member.key.size());
    std::ranges::copy(key, member.key.begin());
    format.members_.push_back(member);
  }
  return format;
}

LogLayout LogLayout::combined() {
  Result<LogLayout, LogLayoutError> format = compile(combined_template);
  GG_ASSERT(format.has_value());
  return *std::move(format);
}

Result<LogLayout, LogLayoutError> LogLayout::compile(std::string_view text) {
  if (text == "json") return json();
  if (text == "combined") return combined();
  LogLayout format;
  std::string literal;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    bool is_brace = c == '{' || c == '}';
    if (!is_brace || text.substr(i + 1, 1) == text.substr(i, 1)) {
      literal += c;
      if (is_brace) ++i;
      continue;
    }
    Result<const LogField*, LogLayoutError> field = field_at(text, i);
    if (!field) return Failure(std::move(field.error()));
    format.parts_.push_back({std::exchange(literal, {}), *field});
    i += (*field)->name.size() + 1;
  }
  if (!literal.empty()) format.parts_.push_back({std::move(literal), nullptr});
  if (format.parts_.empty()) {
    return Failure(LogLayoutError{0, "the format is empty", "write json, combined or a template"});
  }
  return format;
}

std::size_t LogLayout::write(std::span<char> room, const LogLine& line) const {
  bool is_json = !members_.empty();
  LineWriter out(room, is_json ? LogStyle::json : LogStyle::text);
  if (is_json) {
    write_json(out, line);
  } else {
    write_parts(out, line);
  }
  out.raw("\n");
  return out.is_full() ? 0 : out.size();
}

void LogLayout::write_json(LineWriter& out, const LogLine& line) const {
  for (const Member& member : members_) {
    std::size_t before = out.size();
    out.key(member.key, member.key_size);
    if (!member.write(out, line)) out.rewind(before);
  }
  out.open_object();
  out.raw("}");
}

void LogLayout::write_parts(LineWriter& out, const LogLine& line) const {
  for (const Part& part : parts_) {
    out.raw(part.literal);
    if (part.field == nullptr) continue;
    if (!part.field->write(out, line)) out.raw("-");
  }
}

}  // namespace gg
