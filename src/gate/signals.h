// SPDX-License-Identifier: Apache-2.0
// Signals as things to read instead of interruptions. The supervisor reads them; a worker process
// has none.
#pragma once

#include <optional>

#include "base/result.h"
#include "gate/descriptors.h"

namespace gg {

/// Blocks SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1 and SIGUSR2 and hands them out in order of
/// reading; ignores SIGPIPE. One per process, made before any thread.
class SignalReader {
 public:
  /// Fails with errno.
  static Result<SignalReader, int> make();

  /// Readable when a signal waits.
  int descriptor() const { return descriptor_.number(); }
  /// The next signal's number, or nothing; never waits.
  std::optional<int> next();

 private:
  explicit SignalReader(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
  Descriptor descriptor_;
};

/// In a fresh fork: nothing blocked, and what the supervisor decides about ignored.
void reset_signals_for_worker();

/// In a fresh fork that is to execute a program: as if a shell had started it.
void reset_signals_for_program();

}  // namespace gg
