// SPDX-License-Identifier: Apache-2.0
// A worker process as the supervisor sees it: a child, and the socket to talk with it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "gate/descriptors.h"
#include "gate/worker_process.h"

namespace gg {

/// What a worker process runs: run_worker_process, or a small stand-in of a test.
using WorkerMain = int (*)(WorkerProcessSettings settings);

struct WorkerChild {
  enum class Role : std::uint8_t {
    serving,   // of the configuration in force
    next,      // of a configuration that will be in force once this one is ready
    draining,  // was told to end
  };

  pid_t pid = 0;
  Descriptor control;  // closed once the child has closed its side
  Role role = Role::serving;
  Instant started;
  std::optional<Instant> ready;         // since when
  Deadline end_by = Deadline::never();  // then it is killed
};

/// Forks a child that runs `main` with `settings`, and exits with what it returns. The child has no
/// descriptors but the standard three and those that `settings` names (the control one is made
/// here), and no signals. Fails with errno.
Result<WorkerChild, int> fork_worker(WorkerMain main, WorkerProcessSettings settings, Instant now);

/// "was killed by signal 9 (Killed)", "ended with status 3"; of a status from waitpid.
std::string ending_text(int wait_status);
/// The status that the process ended with, 1 if it was killed; of a status from waitpid.
int exit_status(int wait_status);

}  // namespace gg
