// SPDX-License-Identifier: Apache-2.0
// Writes log buffers to a file, pipe, socket or terminal, on the control thread. A slow reader
// costs lines, which are counted, and never a worker's time.
#pragma once

#include "report/queued_log_writer.h"

namespace gg {

class FdLogWriter final : public QueuedLogWriter {
 public:
  /// Does not own `descriptor`, which outlives the writer or its replacement by use().
  explicit FdLogWriter(int descriptor);

  /// Goes on with another descriptor, after a log was rotated. Control thread.
  void use(int descriptor);

 private:
  Progress write_some(std::span<const char> content, std::size_t& written) override;

  int descriptor_;
  bool may_block_ = true;
};

}  // namespace gg
