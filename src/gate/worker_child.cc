// SPDX-License-Identifier: Apache-2.0
#include "gate/worker_child.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "gate/signals.h"

namespace gg {
namespace {

[[noreturn]] void be_worker(WorkerMain main, WorkerProcessSettings settings) {
  prctl(PR_SET_NAME, "goodgate-worker");
  std::vector<int> kept = {settings.control_descriptor, settings.admin_descriptor};
  for (const ListeningSocket& listening : settings.listeners) kept.push_back(listening.descriptor);
  close_descriptors_but(kept);
  reset_signals_for_worker();
  std::exit(main(std::move(settings)));
}

}  // namespace

Result<WorkerChild, int> fork_worker(WorkerMain main, WorkerProcessSettings settings, Instant now) {
  int ends[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return Failure(errno);
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  settings.control_descriptor = theirs.number();

  std::fflush(nullptr);  // else the child would write it again
  pid_t pid = fork();
  if (pid < 0) return Failure(errno);
  if (pid == 0) {
    static_cast<void>(theirs.release());
    be_worker(main, std::move(settings));
  }
  return WorkerChild{.pid = pid, .control = std::move(ours), .started = now};
}

std::string ending_text(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    int number = WTERMSIG(wait_status);
    return "was killed by signal " + std::to_string(number) + " (" + strsignal(number) + ")";
  }
  return "ended with status " + std::to_string(WEXITSTATUS(wait_status));
}

int exit_status(int wait_status) { return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 1; }

}  // namespace gg
