// SPDX-License-Identifier: Apache-2.0
// Counts what the lines of logs say, by cause, in memory that does not grow with the logs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "diagnose/logs/line.h"
#include "diagnose/logs/time_pattern.h"

namespace gg {

/// The commonest words, with counts: at most `most` different ones, the others together.
class WordCount {
 public:
  void add(std::string_view word);
  /// The `count` commonest, commonest first, ties by name.
  std::vector<std::pair<std::string, std::uint64_t>> top(std::size_t count) const;
  std::size_t different() const { return counts_.size(); }

 private:
  static constexpr std::size_t most = 2000;
  static constexpr std::size_t longest = 200;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> counts_;
};

/// All lines of one product that bear one sign.
struct CauseGroup {
  Product product = Product::any;
  const Sign* sign = nullptr;
  std::uint64_t count = 0;
  std::uint64_t failed_requests = 0;  // of messages: those whose request is known to have failed
  TimePattern pattern;
  std::int64_t shortest_ms = -1;  // durations of the requests, where known
  std::int64_t longest_ms = -1;
  WordCount endpoints;
  WordCount paths;
  std::vector<std::string> examples;  // made printable

  void add_duration(std::int64_t ms);
  /// The causes of the sign, less those that the durations rule out, the likeliest first.
  std::vector<Fault> causes() const;
  /// Do only clients have to act on it?
  bool is_about_clients() const;
};

/// What all lines add up to.
class LogTally {
 public:
  /// Counts a line that a reader understood.
  void add(std::string_view text, const ReadLine& line);
  /// Counts a line that none did, or whose words are new.
  void add_unknown(std::string_view text);
  /// Explains access lines by the error log's: to be called once, after the last line.
  void join();

  std::uint64_t lines() const { return lines_; }
  std::uint64_t requests() const { return requests_; }
  std::uint64_t notices() const { return notices_; }
  std::uint64_t unknown() const { return unknown_; }
  std::uint64_t joined() const { return joined_; }
  bool join_is_complete() const { return join_is_complete_; }
  const std::vector<std::string>& unknown_examples() const { return unknown_examples_; }
  LogTime first() const { return first_; }
  LogTime last() const { return last_; }
  /// Statuses of 500 and above, as the gateways gave them, and how often.
  const std::map<std::uint16_t, std::uint64_t>& errors() const { return errors_; }

  /// Failures, the commonest first; those of clients after the others.
  std::vector<const CauseGroup*> failures() const;
  /// Messages that are no failures but have a cause: endpoints found down, and the like.
  std::vector<const CauseGroup*> warnings() const;
  /// Access lines that nothing explains.
  std::vector<const CauseGroup*> unexplained() const;

 private:
  static constexpr std::size_t join_most = 2'000'000;
  static constexpr std::size_t examples_most = 2;

  /// One side of the join, kept small: there may be millions.
  struct Trace {
    std::uint64_t key;  // of client and request
    LogTime at;
    std::int32_t duration_ms;
    std::uint16_t group;
  };

  std::size_t group_of(Product product, const Sign* sign, LineKind kind);
  void count(CauseGroup& group, std::string_view text, const ReadLine& line);
  void keep_trace(std::vector<Trace>& traces, const ReadLine& line, std::size_t group);
  std::vector<const CauseGroup*> groups_of(LineKind kind) const;

  struct Slot {
    LineKind kind;
    CauseGroup group;
  };
  std::vector<Slot> slots_;
  std::uint64_t lines_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t notices_ = 0;
  std::uint64_t unknown_ = 0;
  std::uint64_t joined_ = 0;
  bool join_is_complete_ = true;
  LogTime first_ = 0;
  LogTime last_ = 0;
  std::map<std::uint16_t, std::uint64_t> errors_;
  std::vector<std::string> unknown_examples_;
  std::vector<Trace> messages_;  // of error logs
  std::vector<Trace> accesses_;  // of access logs, unexplained
};

}  // namespace gg
