// SPDX-License-Identifier: Apache-2.0
// Writes log buffers to a file, pipe, socket or terminal, on the control thread. A slow reader
// costs lines, which are counted, and never a worker's time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "record/tally.h"
#include "report/buffer_queue.h"
#include "report/log_writer.h"

namespace gg {

class FdLogWriter final : public LogWriter {
 public:
  /// Buffers that may wait, 128 KiB each; what comes on top is lost.
  static constexpr std::size_t buffers_max = 128;

  /// Does not own `descriptor`, which outlives the writer or its replacement by use().
  explicit FdLogWriter(int descriptor);

  Swapped swap(std::unique_ptr<LogBuffer> full) override;

  enum class Pumped : std::uint8_t {
    all,      // nothing is left to write
    blocked,  // the reader is slow: call again soon
    failed,   // the system refused (disk full, pipe closed): that buffer is lost
  };
  /// Writes what can be written without waiting. Control thread; call it some 20 times a second.
  Pumped pump();
  /// errno of the last failure; 0: none since use().
  int error_number() const { return error_number_; }
  /// Lines lost because writing failed. Lines lost in swap() are counted by their AccessLog.
  const Tally& lines_lost() const { return lines_lost_; }

  /// Goes on with another descriptor, after a log was rotated. Control thread.
  void use(int descriptor);

 private:
  enum class Progress : std::uint8_t { done, blocked, failed };
  Progress write_some();

  BufferQueue<buffers_max> full_;
  BufferQueue<buffers_max> idle_;
  std::unique_ptr<LogBuffer> current_;
  std::size_t written_ = 0;  // of current_
  int descriptor_;
  bool may_block_ = true;
  int error_number_ = 0;
  Tally lines_lost_;
};

}  // namespace gg
