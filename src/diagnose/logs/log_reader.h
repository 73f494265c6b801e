// SPDX-License-Identifier: Apache-2.0
// Reads logs, whatever their format, into a tally: files, pipes, compressed or not.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "diagnose/logs/tally.h"

namespace gg {

/// Understands lines: tries the format of the line before it first, then the others.
class LogReader {
 public:
  explicit LogReader(LogTally& tally) : tally_(tally) {}

  /// One line without its end.
  void read_line(std::string_view line);

  /// The formats met since the last call, the commonest first, with counts of lines.
  std::vector<std::pair<std::string_view, std::uint64_t>> take_formats();

 private:
  LogTally& tally_;
  std::size_t current_ = 0;
  std::array<std::uint64_t, 16> counts_{};
};

/// Told how far the reading has come: bytes of the file read (compressed ones, if it is), and of
/// lines in all.
class ReadingProgress {
 public:
  virtual ~ReadingProgress() = default;
  virtual void read_so_far(std::uint64_t file_bytes) = 0;
};

/// Reads all of an open file, gzip or plain, and closes it. Lines beyond 64 KiB are cut. An error
/// in words if it cannot be read to its end; what came before it counts.
Result<std::uint64_t, std::string> read_log(int descriptor, LogReader& reader,
                                            ReadingProgress* progress);

}  // namespace gg
