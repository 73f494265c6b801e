// SPDX-License-Identifier: Apache-2.0
// Complaints as text and JSON, and the search for the name that was meant.
#include "config/complaint.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "config/secret_lines.h"

namespace gg {
namespace {

constexpr std::size_t shown_columns = 96;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; }

/// Where the character number `count` of UTF-8 text begins; its size if there are not as many.
std::size_t byte_offset(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size() && count > 0) {
    ++at;
    while (at < text.size() && is_continuation(text[at])) ++at;
    --count;
  }
  return at;
}

std::size_t characters_in(std::string_view text) {
  auto begins = [](char c) { return !is_continuation(c); };
  return static_cast<std::size_t>(std::ranges::count_if(text, begins));
}

/// The source line and the line with the caret below it. A long line is cut to what surrounds
/// the caret.
std::string pointed_at(const Place& place) {
  std::size_t column = static_cast<std::size_t>(std::max(place.mark.column, 1)) - 1;
  bool is_hidden = place.source_line.ends_with("…");
  if (is_hidden) column = std::min(column, characters_in(place.source_line) - 1);
  std::size_t first = column < shown_columns ? 0 : column - shown_columns / 2;
  std::string_view line = place.source_line;
  std::size_t from = byte_offset(line, first);
  std::string_view shown = line.substr(from, byte_offset(line.substr(from), shown_columns));
  return fmt::format("  {}\n  {}^\n", shown, std::string(column - first, ' '));
}

/// Edit distance where exchanging two neighbours counts once.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return lines;
}

}  // namespace

std::string to_text(const Complaint& complaint) {
  const Place& place = complaint.place;
  std::string text = place.file;
  if (place.mark.line > 0) text += fmt::format(":{}:{}", place.mark.line, place.mark.column);
  if (!text.empty()) text += ": ";
  if (complaint.severity == Severity::warning) text += "warning: ";
  if (!complaint.path.empty()) text += complaint.path + ": ";
  text += complaint.problem + '\n';
  if (place.mark.line > 0) text += pointed_at(place);
  if (!complaint.remedy.empty()) text += fmt::format("  {}\n", complaint.remedy);
  return text;
}

std::string to_text(std::span<const Complaint> complaints) {
  std::string text;
  for (const Complaint& complaint : complaints) {
    if (!text.empty()) text += '\n';
    text += to_text(complaint);
  }
  return text;
}

std::string to_json(std::span<const Complaint> complaints) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Complaint& complaint : complaints) {
    all.push_back({{"severity", complaint.severity == Severity::error ? "error" : "warning"},
                   {"file", complaint.place.file},
                   {"line", complaint.place.mark.line},
                   {"column", complaint.place.mark.column},
                   {"path", complaint.path},
                   {"problem", complaint.problem},
                   {"remedy", complaint.remedy}});
  }
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::optional<std::string_view> closest(std::string_view typed,
                                        std::span<const std::string_view> known) {
  constexpr std::size_t longest_name = 64;
  if (typed.empty() || typed.size() > longest_name) return std::nullopt;
  std::optional<std::string_view> best;
  // Short names are alike by chance: a third of what was typed may differ, and never more than 3.
  std::size_t limit = std::min<std::size_t>(3, (typed.size() + 2) / 3) + 1;
  for (std::string_view name : known) {
    if (name.size() > longest_name) continue;
    std::size_t d = distance(typed, name);
    if (d >= limit) continue;
    limit = d;
    best = name;
  }
  return best;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known,
                         std::string_view otherwise) {
  std::optional<std::string_view> meant = closest(typed, known);
  return meant ? fmt::format("did you mean \"{}\"?", *meant) : std::string(otherwise);
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::size_t kept = byte_offset(text, longest);
  std::string out = "\"";
  for (char c : text.substr(0, kept)) out += is_control(c) ? '?' : c;
  if (kept < text.size()) out += "...";
  return out + '"';
}

ComplaintList::ComplaintList(std::string_view file, std::string_view text) {
  files_.push_back({.name = std::string(file), .kept = {}, .text = text, .lines = lines_of(text)});
}

int ComplaintList::add_file(std::string_view file, std::string text) {
  File& added = files_.emplace_back();
  added.name = file;
  added.kept = std::move(text);
  added.text = added.kept;
  added.lines = lines_of(added.text);
  return static_cast<int>(files_.size()) - 1;
}

std::string ComplaintList::place_of(const Mark& mark) const {
  return fmt::format("{}:{}", at(mark.file).name, mark.line);
}

std::vector<std::string> ComplaintList::file_names() const {
  std::vector<std::string> names;
  for (const File& file : files_) names.push_back(file.name);
  return names;
}

void ComplaintList::error(Mark mark, std::string_view path, std::string problem,
                          std::string remedy) {
  ++errors_;
  add(Severity::error, mark, path, {std::move(problem), std::move(remedy)});
}

void ComplaintList::warning(Mark mark, std::string_view path, std::string problem,
                            std::string remedy) {
  add(Severity::warning, mark, path, {std::move(problem), std::move(remedy)});
}

void ComplaintList::add(Severity severity, Mark mark, std::string_view path, Misreading what) {
  if (complaints_.size() >= complaints_most) {
    ++left_out_;
    return;
  }
  Place place{.file = at(mark.file).name, .mark = mark, .source_line = source_line(mark)};
  complaints_.push_back({severity, std::move(place), std::string(path), std::move(what.problem),
                         std::move(what.remedy)});
}

bool ComplaintList::has_errors_at(std::string_view path) const {
  return std::ranges::any_of(complaints_, [=](const Complaint& c) {
    return c.severity == Severity::error && c.path == path;
  });
}

std::string ComplaintList::source_line(const Mark& mark) const {
  constexpr std::size_t longest = 4096;
  const std::vector<std::string_view>& lines = at(mark.file).lines;
  if (mark.line < 1 || static_cast<std::size_t>(mark.line) > lines.size()) return {};
  std::string source = without_secrets(lines, static_cast<std::size_t>(mark.line) - 1);
  if (source.ends_with('\r')) source.pop_back();
  std::string printable = source.substr(0, longest);
  for (char& c : printable) {
    if (is_control(c)) c = c == '\t' ? ' ' : '?';
  }
  return printable;
}

std::vector<Complaint> ComplaintList::take() {
  std::ranges::sort(complaints_, {},
                    [](const Complaint& c) { return std::tie(c.place.mark, c.path, c.problem); });
  if (left_out_ > 0) {
    complaints_.push_back({.severity = errors_ > 0 ? Severity::error : Severity::warning,
                           .place = {.file = files_.front().name, .mark = {}, .source_line = {}},
                           .path = {},
                           .problem = fmt::format("{} more problems are not shown", left_out_),
                           .remedy = "mend these first"});
  }
  errors_ = 0;
  left_out_ = 0;
  return std::exchange(complaints_, {});
}

}  // namespace gg
