// SPDX-License-Identifier: Apache-2.0
#include "report/queued_log_writer.h"

#include <utility>

namespace gg {

LogWriter::Swapped QueuedLogWriter::swap(std::unique_ptr<LogBuffer> full) {
  if (!full_.push(full)) {
    full->clear();
    return {std::move(full), false};
  }
  std::unique_ptr<LogBuffer> empty = idle_.pop();
  if (!empty) empty = std::make_unique_for_overwrite<LogBuffer>();
  return {std::move(empty), true};
}

QueuedLogWriter::Pumped QueuedLogWriter::pump() {
  for (;;) {
    if (!current_) {
      current_ = full_.pop();
      written_ = 0;
    }
    if (!current_) return Pumped::all;
    Progress progress = write_some(current_->content(), written_);
    if (progress == Progress::blocked) return Pumped::blocked;
    if (progress == Progress::failed) lines_lost_.add(current_->lines());
    current_->clear();
    idle_.push(current_);  // when it is full, the buffer is freed here
    current_.reset();
    if (progress == Progress::failed) return Pumped::failed;
  }
}

}  // namespace gg
