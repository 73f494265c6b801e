// SPDX-License-Identifier: Apache-2.0
// What is wrong with a configuration, said so that the reader can fix it without the manual.
// Everything in config/ collects complaints; nothing throws or prints them.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"

namespace gg {

/// Line and column in a text, both from 1, columns counted in characters. Line 0: nowhere in it.
/// File 0 is the one that is loaded; those that it includes have further numbers and come after it.
struct Mark {
  int line = 0;
  int column = 0;
  int file = 0;
  bool operator==(const Mark&) const = default;
  friend auto operator<=>(const Mark& a, const Mark& b) {
    return std::tie(a.file, a.line, a.column) <=> std::tie(b.file, b.line, b.column);
  }
};

/// A mark with the file it is in and the line itself (made printable, without its line end).
struct Place {
  std::string file;
  Mark mark;
  std::string source_line;
};

enum class Severity : std::uint8_t { error, warning };

/// One thing wrong with a configuration. A warning does not keep it from being used.
struct Complaint {
  Severity severity = Severity::error;
  Place place;
  std::string path;     // upstreams.app.timeouts.connect; empty when it is about the text as such
  std::string problem;  // "5" has no unit
  std::string remedy;   // write a duration such as 500ms, 5s or 2m; may be empty
};

/// Why a piece of text is not the value it should be, and what to write instead.
struct Misreading {
  std::string problem;
  std::string remedy;
};

/// The complaint as several lines: place, path and problem; the source line with a caret; the
/// remedy. Ends in a line feed.
std::string to_text(const Complaint& complaint);

/// All of them, an empty line between two.
std::string to_text(std::span<const Complaint> complaints);

/// A JSON array of objects with severity, file, line, column, path, problem and remedy.
std::string to_json(std::span<const Complaint> complaints);

/// The name most like what was typed, if one is alike enough to be meant. Borrows from `known`.
std::optional<std::string_view> closest(std::string_view typed,
                                        std::span<const std::string_view> known);

/// `did you mean "name"?`, or `otherwise` when nothing is alike.
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known,
                         std::string_view otherwise);

/// Text from a file between quotes, shortened and with control characters made visible, so that
/// a complaint stays one line and cannot steer a terminal.
std::string in_quotes(std::string_view text);

/// Gathers the complaints about one text and those that it includes. Keeps the first
/// `complaints_most` of them.
class ComplaintList {
 public:
  static constexpr std::size_t complaints_most = 200;

  /// Borrows `text` until it is destroyed. `file` is how complaints call it.
  ComplaintList(std::string_view file, std::string_view text);

  /// Another text that complaints may be about, kept here. Returns the number of its marks.
  int add_file(std::string_view file, std::string text);
  std::string_view text_of(int file) const { return at(file).text; }
  /// "routes/api.yaml:3"
  std::string place_of(const Mark& mark) const;
  /// What they are called, in the order of their numbers.
  std::vector<std::string> file_names() const;

  void error(Mark mark, std::string_view path, std::string problem, std::string remedy);
  void warning(Mark mark, std::string_view path, std::string problem, std::string remedy);

  bool has_errors() const { return errors_ > 0; }
  /// Exactly at that path, not above or below it.
  bool has_errors_at(std::string_view path) const;
  /// Everything gathered so far, ordered by place; afterwards the list is empty.
  std::vector<Complaint> take();

 private:
  struct File {
    std::string name;
    std::string kept;       // of an included one
    std::string_view text;  // borrowed from there, or from the caller
    std::vector<std::string_view> lines;
  };

  const File& at(int file) const { return files_[static_cast<std::size_t>(file)]; }
  void add(Severity severity, Mark mark, std::string_view path, Misreading what);
  std::string source_line(const Mark& mark) const;

  std::deque<File> files_;  // does not move what lines borrow
  std::vector<Complaint> complaints_;
  std::size_t errors_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace gg
