// SPDX-License-Identifier: Apache-2.0
#include "gate/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace gg {
namespace {

constexpr std::array decided_signals = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};
constexpr std::array ignored_signals = {SIGPIPE};

void unblock_all() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

Result<SignalReader, int> SignalReader::make() {
  sigset_t set;
  sigemptyset(&set);
  for (int number : decided_signals) {
    // Whoever started us may have had it ignored (nohup, a shell's "&"); then it would never come.
    std::signal(number, SIG_DFL);
    sigaddset(&set, number);
  }
  for (int number : ignored_signals) std::signal(number, SIG_IGN);
  if (sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return Failure(errno);

  Descriptor descriptor(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!descriptor.is_open()) return Failure(errno);
  return SignalReader(std::move(descriptor));
}

std::optional<int> SignalReader::next() {
  signalfd_siginfo what{};
  if (read(descriptor_.number(), &what, sizeof what) != sizeof what) return std::nullopt;
  return static_cast<int>(what.ssi_signo);
}

void reset_signals_for_worker() {
  for (int number : ignored_signals) std::signal(number, SIG_IGN);
  for (int number : decided_signals) std::signal(number, SIG_IGN);
  std::signal(SIGCHLD, SIG_DFL);
  unblock_all();
}

void reset_signals_for_program() {
  for (int number : ignored_signals) std::signal(number, SIG_DFL);
  for (int number : decided_signals) std::signal(number, SIG_DFL);
  unblock_all();
}

}  // namespace gg
