// SPDX-License-Identifier: Apache-2.0
// The process that is to take over as the supervisor, as the one before sees it.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "gate/descriptors.h"
#include "gate/handover.h"

namespace gg {

/// How this process was started, so that it can be done again.
struct Invocation {
  std::string executable;              // where the program is; what is there by then is run
  std::vector<std::string> arguments;  // with its name

  /// Of this process, with the words after its name.
  static Invocation own(std::span<const char* const> arguments);
};

struct Successor {
  pid_t pid = 0;
  Descriptor report;  // it says when it is ready
  Deadline end_by = Deadline::never();
  bool is_ready = false;
};

/// Runs the program in a new process, which inherits what `handover` names (`report` is made here).
/// Fails with a sentence when it cannot be executed.
Result<Successor, std::string> start_successor(const Invocation& invocation, Handover handover);

/// The children of this process, by the kernel's own list. Empty where the kernel has none.
std::vector<pid_t> own_children();

}  // namespace gg
