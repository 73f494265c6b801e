// SPDX-License-Identifier: Apache-2.0
#include "gate/successor.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "gate/control.h"

namespace gg {
namespace {

/// What a shell script does with what it is given.
Result<Successor, std::string> run_script(const std::string& script) {
  Invocation invocation{.executable = "/bin/bash", .arguments = {"bash", "-c", script}};
  return start_successor(invocation, {.is_kept = true});
}

int status_of(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Successor, GetsWhatIsHandedOver) {
  Result<Successor, std::string> started = run_script(
      "grep -q 'goodgate handover' /proc/self/fd/$GOODGATE_HANDOVER && "
      "grep -q 'kept yes' /proc/self/fd/$GOODGATE_HANDOVER || exit 9");

  ASSERT_TRUE(started.has_value()) << started.error();
  EXPECT_EQ(status_of(started->pid), 0);
}

TEST(Successor, MayReport) {
  Result<Successor, std::string> started =
      run_script("n=$(sed -n 's/^report //p' /proc/self/fd/$GOODGATE_HANDOVER); printf r >&$n");
  ASSERT_TRUE(started.has_value()) << started.error();
  pollfd watched{.fd = started->report.number(), .events = POLLIN, .revents = 0};
  poll(&watched, 1, 10'000);

  EXPECT_EQ(receive_control(started->report.number()).text, 'r');
  EXPECT_EQ(status_of(started->pid), 0);
}

TEST(Successor, AProgramThatIsNotThereIsSaidSo) {
  Result<Successor, std::string> started =
      start_successor({.executable = "/nowhere/goodgate", .arguments = {"goodgate"}}, {});

  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error(), "cannot run /nowhere/goodgate: No such file or directory");
}

TEST(Successor, SignalsAreAsAShellWouldLeaveThem) {
  Result<Successor, std::string> started = run_script("kill -USR1 $$; exit 0");

  ASSERT_TRUE(started.has_value()) << started.error();
  EXPECT_EQ(status_of(started->pid), -1);
}

TEST(Invocation, IsThisProgramWithItsWords) {
  const char* words[] = {"run", "-c", "x.yaml"};
  Invocation own = Invocation::own(words);

  EXPECT_EQ(own.executable, std::filesystem::read_symlink("/proc/self/exe").string());
  EXPECT_EQ(own.arguments, (std::vector<std::string>{"goodgate", "run", "-c", "x.yaml"}));
}

TEST(OwnChildren, AreThoseThatLive) {
  pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  std::vector<pid_t> children = own_children();
  EXPECT_NE(std::ranges::find(children, child), children.end());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  children = own_children();
  EXPECT_EQ(std::ranges::find(children, child), children.end());
}

}  // namespace
}  // namespace gg
