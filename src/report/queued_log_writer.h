// SPDX-License-Identifier: Apache-2.0
// The bounded queue between the access logs of the workers and whoever writes on the control
// thread. A slow reader costs lines, which are counted, and never a worker's time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "record/tally.h"
#include "report/buffer_queue.h"
#include "report/log_writer.h"

namespace gg {

class QueuedLogWriter : public LogWriter {
 public:
  /// Buffers that may wait, 128 KiB each; what comes on top is lost.
  static constexpr std::size_t buffers_max = 128;

  Swapped swap(std::unique_ptr<LogBuffer> full) final;

  enum class Pumped : std::uint8_t {
    all,      // nothing is left to write
    blocked,  // the reader is slow or away: call again soon
    failed,   // the system refused (disk full, pipe closed): that buffer is lost
  };
  /// Writes what can be written without waiting. Control thread; call it some 20 times a second.
  Pumped pump();
  /// errno of the last failure; 0: none since all was well.
  int error_number() const { return error_number_; }
  /// Lines lost because writing failed. Lines lost in swap() are counted by their AccessLog.
  const Tally& lines_lost() const { return lines_lost_; }

 protected:
  enum class Progress : std::uint8_t { done, blocked, failed };
  /// Writes of `content` what comes after the first `written` bytes, and counts on.
  virtual Progress write_some(std::span<const char> content, std::size_t& written) = 0;
  void note_error(int number) { error_number_ = number; }
  /// One line that write_some() could not bring anywhere.
  void lose_line() { lines_lost_.add(); }

 private:
  BufferQueue<buffers_max> full_;
  BufferQueue<buffers_max> idle_;
  std::unique_ptr<LogBuffer> current_;
  std::size_t written_ = 0;  // of current_
  int error_number_ = 0;
  Tally lines_lost_;
};

}  // namespace gg
