// SPDX-License-Identifier: Apache-2.0
#include "gate/runtime_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/gate/running_supervisor.h"

namespace gg::testing {
namespace {

RunningGateway example() {
  return {.pid = 4711,
          .config_path = "/etc/goodgate/goodgate.yaml",
          .admin = "127.0.0.1:9502",
          .state = "ready",
          .reloads_asked = 3,
          .reload_problem = "goodgate.yaml:1:1: one line\nand another\n",
          .file = {}};
}

TEST(RuntimeFile, ItsTextReadsBackAsItWas) {
  EXPECT_EQ(parse_running_gateway(to_text(example())), example());
}

TEST(RuntimeFile, AProcessThatMustNotBeSignalledIsNotRead) {
  RunningGateway everyone = example();
  everyone.pid = 0;
  RunningGateway init = example();
  init.pid = 1;

  EXPECT_FALSE(parse_running_gateway(to_text(everyone)).has_value());
  EXPECT_FALSE(parse_running_gateway(to_text(init)).has_value());
  EXPECT_FALSE(parse_running_gateway("").has_value());
  EXPECT_FALSE(parse_running_gateway("pid -1\nconfig \n").has_value());
}

/// Sets RUNTIME_DIRECTORY for as long as it lives.
class RuntimeDirectory {
 public:
  explicit RuntimeDirectory(const std::string& path) {
    setenv("RUNTIME_DIRECTORY", path.c_str(), 1);
  }
  ~RuntimeDirectory() { unsetenv("RUNTIME_DIRECTORY"); }
};

/// The one gateway whose file lies in `folder`.
std::optional<RunningGateway> found_in(const TemporaryFolder& folder) {
  RuntimeDirectory directory(folder.path());
  for (const RunningGateway& gateway : find_running_gateways()) {
    if (gateway.file.starts_with(folder.path())) return gateway;
  }
  return std::nullopt;
}

TEST(RuntimeFile, ARunningGatewayIsFoundWithItsStateAndNotOnceItEnded) {
  RunningSupervisor gateway(small_config("one"));
  gateway.wait_for("ready: ");
  pid_t pid = gateway.pid();

  std::optional<RunningGateway> running = found_in(gateway.folder());
  gateway.send(SIGTERM);
  gateway.exit_status();

  ASSERT_TRUE(running.has_value());
  EXPECT_EQ(running->pid, pid);
  EXPECT_EQ(running->state, "ready");
  EXPECT_EQ(running->admin, "off");
  EXPECT_FALSE(look_again(*running).has_value());
}

TEST(RuntimeFile, TheEndOfAReloadIsToldWithItsProblem) {
  RunningSupervisor gateway(small_config("old"));
  gateway.wait_for("ready: ");
  gateway.send(SIGHUP);
  gateway.wait_for("stays in force");

  std::optional<RunningGateway> running = found_in(gateway.folder());
  for (int i = 0; i < 500 && running && running->reloads_asked == 0; ++i) {
    usleep(10'000);
    running = look_again(*running);
  }

  ASSERT_TRUE(running.has_value());
  EXPECT_EQ(running->reloads_asked, 1U);
  EXPECT_EQ(running->reload_problem, "goodgate.yaml:1:1: it is wrong");
}

TEST(RuntimeFile, WhatAKilledGatewayLeftIsNoneAndIsClearedAway) {
  RunningSupervisor gateway(small_config("one"));
  gateway.wait_for("ready: ");
  std::optional<RunningGateway> running = found_in(gateway.folder());
  ASSERT_TRUE(running.has_value());

  gateway.send(SIGKILL);
  gateway.exit_status();
  bool was_left = std::filesystem::exists(running->file);
  bool is_found = found_in(gateway.folder()).has_value();
  RuntimeDirectory directory(gateway.folder().path());
  Result<RuntimeFile, std::string> next = RuntimeFile::create();

  EXPECT_TRUE(was_left);
  EXPECT_FALSE(is_found);
  EXPECT_FALSE(std::filesystem::exists(running->file));
  EXPECT_TRUE(next.has_value() && std::filesystem::exists(next->path()));
}

TEST(RuntimeFile, ADirectoryThatOthersMayWriteToIsNotTrusted) {
  TemporaryFolder folder;
  chmod(folder.path().c_str(), 0777);
  RuntimeDirectory directory(folder.path());

  Result<RuntimeFile, std::string> file = RuntimeFile::create();

  ASSERT_TRUE(file.has_value()) << "falls back to another directory";
  EXPECT_FALSE(file->path().starts_with(folder.path()));
}

}  // namespace
}  // namespace gg::testing
