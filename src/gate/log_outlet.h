// SPDX-License-Identifier: Apache-2.0
// Where the access log of a worker process goes: opens it, writes what the workers hand over, and
// says when that fails. Control thread.
#pragma once

#include <memory>

#include "base/time.h"
#include "config/model.h"
#include "gate/descriptors.h"
#include "report/fd_log_writer.h"

namespace gg {

class LogOutlet {
 public:
  /// What cannot be opened is told on standard error, and the traffic goes on without its log.
  explicit LogOutlet(const LogConfig& settings);

  /// Must lines have a LogMark on their way there?
  static bool wants_marks(const LogTarget& target);

  /// Null: there is no log.
  QueuedLogWriter* writer() { return writer_.get(); }
  /// Some 20 times a second.
  void pump();
  /// When to do so next: soon while a reader is slow, so that it is not the pump that it waits for.
  Duration next_pump(Duration usual) const;
  /// After a file was moved away: writes on in a new one.
  void reopen();

 private:
  void open_file();
  void tell_of(int error_number);

  const LogConfig& settings_;
  Descriptor file_;  // the writer's, if it is a file
  std::unique_ptr<QueuedLogWriter> writer_;
  FdLogWriter* file_writer_ = nullptr;  // the same one, if it is a file
  bool is_blocked_ = false;
  int told_ = 0;  // the error that was told last
};

}  // namespace gg
