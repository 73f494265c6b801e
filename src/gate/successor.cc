// SPDX-License-Identifier: Apache-2.0
#include "gate/successor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "gate/signals.h"

namespace gg {
namespace {

void keep_on_exec(int descriptor) {
  if (descriptor >= 0) fcntl(descriptor, F_SETFD, 0);
}

[[noreturn]] void execute(const Invocation& invocation, const Handover& handover, int memory,
                          int failure) {
  reset_signals_for_program();
  keep_on_exec(memory);
  keep_on_exec(handover.report);
  keep_on_exec(handover.runtime_file);
  keep_on_exec(handover.health);
  keep_on_exec(handover.state_lock);
  for (const Handover::Socket& socket : handover.sockets) keep_on_exec(socket.descriptor);
  setenv(handover_variable, std::to_string(memory).c_str(), 1);

  std::vector<char*> arguments;
  for (const std::string& argument : invocation.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));  // execv writes to none
  }
  arguments.push_back(nullptr);
  execv(invocation.executable.c_str(), arguments.data());
  int why = errno;
  static_cast<void>(write(failure, &why, sizeof why));
  _exit(127);
}

/// Waits until the program runs (the pipe is closed by that) or could not be.
int execution_error(int failure) {
  int why = 0;
  ssize_t size = 0;
  do {
    size = read(failure, &why, sizeof why);
  } while (size < 0 && errno == EINTR);
  return size == sizeof why ? why : 0;
}

}  // namespace

Invocation Invocation::own(std::span<const char* const> arguments) {
  Invocation own;
  std::array<char, 4096> path{};
  ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size > 0) own.executable.assign(path.data(), static_cast<std::size_t>(size));
  own.arguments.emplace_back("goodgate");
  own.arguments.insert(own.arguments.end(), arguments.begin(), arguments.end());
  return own;
}

Result<Successor, std::string> start_successor(const Invocation& invocation, Handover handover) {
  auto failed = [](const char* what, int error) {
    return Failure(std::string(what) + ": " + std::strerror(error));
  };
  int ends[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return failed("cannot talk with a new process", errno);
  }
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  handover.report = theirs.number();
  Result<Descriptor, int> memory = memory_with(to_text(handover));
  if (!memory) return failed("no memory for what a new process is told", memory.error());
  if (pipe2(ends, O_CLOEXEC) != 0) return failed("cannot watch a new process", errno);
  Descriptor failure(ends[0]);
  Descriptor failure_end(ends[1]);

  std::fflush(nullptr);
  pid_t pid = fork();
  if (pid < 0) return failed("cannot make a new process", errno);
  if (pid == 0) execute(invocation, handover, memory->number(), failure_end.number());
  failure_end.reset();
  if (int error = execution_error(failure.number()); error != 0) {
    waitpid(pid, nullptr, 0);
    return Failure("cannot run " + invocation.executable + ": " + std::strerror(error));
  }
  return Successor{.pid = pid, .report = std::move(ours)};
}

std::vector<pid_t> own_children() {
  std::vector<pid_t> children;
  std::string pid = std::to_string(getpid());
  std::ifstream list("/proc/" + pid + "/task/" + pid + "/children");
  for (pid_t child = 0; list >> child;) children.push_back(child);
  return children;
}

}  // namespace gg
