// SPDX-License-Identifier: Apache-2.0
#include "gate/signals.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace gg {
namespace {

/// What `run` returns in a child, whose signals are its own.
int in_child(int (*run)()) {
  std::fflush(nullptr);
  pid_t child = fork();
  if (child == 0) _exit(run());
  int wait_status = -1;
  waitpid(child, &wait_status, 0);
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 256 + WTERMSIG(wait_status);
}

int read_what_was_ignored_before() {
  std::signal(SIGHUP, SIG_IGN);
  Result<SignalReader, int> reader = SignalReader::make();
  if (!reader || reader->next()) return 1;
  raise(SIGHUP);
  raise(SIGPIPE);
  if (reader->next() != SIGHUP) return 2;
  raise(SIGUSR1);
  if (reader->next() != SIGUSR1) return 4;
  return reader->next() ? 3 : 0;
}

TEST(Signals, AreReadOnceEvenWhereTheStarterHadThemIgnored) {
  EXPECT_EQ(in_child(read_what_was_ignored_before), 0);
}

int be_deaf_as_a_worker() {
  Result<SignalReader, int> reader = SignalReader::make();
  raise(SIGINT);
  reset_signals_for_worker();
  raise(SIGINT);
  raise(SIGTERM);
  raise(SIGHUP);
  raise(SIGUSR1);
  raise(SIGUSR2);
  sigset_t blocked;
  sigprocmask(SIG_SETMASK, nullptr, &blocked);
  return sigismember(&blocked, SIGINT) + sigismember(&blocked, SIGCHLD);
}

TEST(Signals, MeanNothingToAWorkerAndNothingIsBlocked) {
  EXPECT_EQ(in_child(be_deaf_as_a_worker), 0);
}

}  // namespace
}  // namespace gg
