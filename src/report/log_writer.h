// SPDX-License-Identifier: Apache-2.0
// Where full log buffers go: a bounded hand-over from the workers to whoever writes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "record/tally.h"

namespace gg {

/// Whole lines, waiting to be written.
class LogBuffer {
 public:
  static constexpr std::size_t capacity = 128 * 1024;

  std::span<char> room() { return std::span(bytes_).subspan(used_); }
  /// Counts `length` bytes just written to room() as one line.
  void add_line(std::size_t length) {
    used_ += length;
    ++lines_;
  }
  std::span<const char> content() const { return std::span(bytes_).first(used_); }
  std::uint64_t lines() const { return lines_; }
  bool empty() const { return used_ == 0; }
  void clear() { used_ = lines_ = 0; }

 private:
  std::array<char, capacity> bytes_;  // not cleared: only the used part is ever read
  std::size_t used_ = 0;
  std::size_t lines_ = 0;
};

/// Takes full buffers from workers. Any thread.
class LogWriter {
 public:
  struct Swapped {
    std::unique_ptr<LogBuffer> empty;  // to go on with; never null
    bool was_taken;                    // false: there was no room and the lines are lost
  };

  LogWriter() = default;
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  virtual ~LogWriter() = default;

  /// Never blocks.
  virtual Swapped swap(std::unique_ptr<LogBuffer> full) = 0;
};

}  // namespace gg
