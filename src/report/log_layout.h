// SPDX-License-Identifier: Apache-2.0
// The form of an access log line: JSON, the combined format, or a template of the operator's.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "report/log_field.h"

namespace gg {

/// What is wrong with a template, and where.
struct LogLayoutError {
  std::size_t position;  // byte within the template
  std::string problem;   // "no field is called {ststus}"
  std::string remedy;    // "did you mean {status}?"
};

class LogLayout {
 public:
  /// One object per line with every field that has a value.
  static LogLayout json();
  /// What Apache and nginx call combined.
  static LogLayout combined();
  /// "json", "combined", or a template: literal text with {field} places, {{ and }} for braces.
  static Result<LogLayout, LogLayoutError> compile(std::string_view text);

  /// Writes one line with its line feed into `room` and returns its length: 0 if it does not fit,
  /// which cannot happen with longest_line bytes and JSON or combined. No allocation.
  std::size_t write(std::span<char> room, const LogLine& line) const;

  /// No line of JSON or combined is longer, whatever clients send.
  static constexpr std::size_t longest_line = 64 * 1024;

 private:
  struct Part {
    std::string literal;              // comes first
    const LogField* field = nullptr;  // may be null in the last part
  };

  LogLayout() = default;
  void write_json(LineWriter& out, const LogLine& line) const;
  void write_parts(LineWriter& out, const LogLine& line) const;

  /// One member of the JSON object, with its key as it is written.
  struct Member {
    std::array<char, LineWriter::longest_key> key{};  // ,"name":
    std::size_t key_size = 0;
    bool (*write)(LineWriter& out, const LogLine& line) = nullptr;
  };

  std::vector<Member> members_;  // empty: not JSON
  std::vector<Part> parts_;
};

}  // namespace gg
