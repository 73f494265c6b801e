// SPDX-License-Identifier: Apache-2.0
// The supervisor in a process of its own, on real sockets and signals.
#include "gate/supervisor.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "gate/listeners.h"
#include "unit/gate/running_supervisor.h"

namespace gg::testing {
namespace {

using std::chrono::milliseconds;

TEST(Supervisor, SaysReadyOnceTheWorkerProcessAccepts) {
  RunningSupervisor gateway(small_config("one"));

  std::string line = gateway.wait_for("ready: ");
  Visit answer = visit(RunningSupervisor::port_in(line));

  EXPECT_EQ(line, "goodgate: ready: listening on 127.0.0.1:" +
                      std::to_string(RunningSupervisor::port_in(line)) +
                      ", 1 upstream with 1 endpoint, admin off");
  EXPECT_EQ(answer.name(), "one");
}

struct Outage {
  int refused = 0;
  int visits = 0;
  Clock::duration longest{};
};

/// Visits without a pause, killing the worker process that answered at each of `kills`.
Outage visit_while_killing(std::uint16_t port, int kills) {
  Outage outage;
  for (int round = 0; round < kills; ++round) {
    for (int i = 0; i < 50; ++i) {
      Visit answer = visit(port);
      ++outage.visits;
      outage.refused += answer.error == ECONNREFUSED ? 1 : 0;
      if (i == 25) kill(answer.worker(), SIGKILL);
      if (i != 25) continue;
      Clock::time_point killed = Clock::now();
      while (visit(port).answer.empty()) ++outage.visits;
      outage.longest = std::max(outage.longest, Clock::now() - killed);
    }
  }
  return outage;
}

TEST(Supervisor, AKilledWorkerProcessIsBackWithoutOneRefusedConnection) {
  RunningSupervisor gateway(small_config("one"));
  std::uint16_t port = RunningSupervisor::port_in(gateway.wait_for("ready: "));
  pid_t first = visit(port).worker();

  Outage outage = visit_while_killing(port, 1);

  EXPECT_EQ(outage.refused, 0);
  EXPECT_NE(visit(port).worker(), first);
  EXPECT_LT(outage.longest, milliseconds(500));
  RecordProperty(
      "back_after_us",
      static_cast<int>(
          std::chrono::duration_cast<std::chrono::microseconds>(outage.longest).count()));
  EXPECT_NE(gateway.wait_for("was killed by signal 9 (Killed); starting another"), "");
}

TEST(Supervisor, OneThatDiesAgainAndAgainRefusesNobodyEither) {
  RunningSupervisor gateway(small_config("one"));
  std::uint16_t port = RunningSupervisor::port_in(gateway.wait_for("ready: "));

  Outage outage = visit_while_killing(port, 3);

  EXPECT_EQ(outage.refused, 0);
  EXPECT_NE(
      gateway.wait_for("the 3. in a row that died within a second; starting another in 200ms"), "");
}

TEST(Supervisor, ACrashLoopBacksOffAndIsReported) {
  Clock::time_point begin = Clock::now();
  RunningSupervisor gateway(small_config("crashes"));

  EXPECT_NE(gateway.wait_for("signal 9 (Killed); starting another"), "");
  EXPECT_NE(gateway.wait_for("starting another in 100ms"), "");
  EXPECT_NE(gateway.wait_for("starting another in 200ms"), "");
  EXPECT_NE(gateway.wait_for("starting another in 400ms"), "");
  EXPECT_GE(Clock::now() - begin, milliseconds(300));
  gateway.send(SIGTERM);
  EXPECT_EQ(gateway.exit_status(), 0);
}

TEST(Supervisor, AWorkerProcessThatCannotStartEndsTheGatewayWithOne) {
  RunningSupervisor gateway(small_config("fails"));

  EXPECT_EQ(gateway.exit_status(), 1);
  EXPECT_NE(gateway.said().find("ended with status 3 before it was ready; giving up"),
            std::string::npos);
}

TEST(Supervisor, TermDrainsThenEndsWithZero) {
  RunningSupervisor gateway(small_config("slow"));
  std::uint16_t port = RunningSupervisor::port_in(gateway.wait_for("ready: "));
  Clock::time_point begin = Clock::now();

  gateway.send(SIGTERM);
  std::string line = gateway.wait_for("told to stop");
  int status = gateway.exit_status();

  EXPECT_EQ(line, "goodgate: told to stop: no new connections, exchanges may end within 1s");
  EXPECT_EQ(status, 0);
  EXPECT_GE(Clock::now() - begin, milliseconds(290));
  EXPECT_EQ(visit(port).error, ECONNREFUSED);
}

TEST(Supervisor, AWorkerProcessThatDoesNotEndIsKilledAfterTheDrainTime) {
  Config config = small_config("stuck");
  config.timeouts.drain = milliseconds(100);
  RunningSupervisor gateway(config);
  pid_t worker = visit(RunningSupervisor::port_in(gateway.wait_for("ready: "))).worker();

  gateway.send(SIGTERM);
  int status = gateway.exit_status();

  EXPECT_EQ(status, 0);
  EXPECT_NE(gateway.said().find(std::to_string(worker) + " did not end in time, killing it"),
            std::string::npos);
  EXPECT_EQ(kill(worker, 0), -1);
}

TEST(Supervisor, ASecondInterruptEndsAtOnce) {
  Config config = small_config("stuck");
  config.timeouts.drain = std::chrono::seconds(60);
  RunningSupervisor gateway(config);
  gateway.wait_for("ready: ");

  gateway.send(SIGINT);
  std::string first = gateway.wait_for("interrupted");
  gateway.send(SIGINT);

  EXPECT_NE(first.find("interrupt again to end at once"), std::string::npos);
  EXPECT_EQ(gateway.exit_status(), 0);
  EXPECT_NE(gateway.said().find("ending at once"), std::string::npos);
}

TEST(Supervisor, AWorkerProcessEndsWhenTheSupervisorIsKilled) {
  RunningSupervisor gateway(small_config("one"));
  std::uint16_t port = RunningSupervisor::port_in(gateway.wait_for("ready: "));
  pid_t worker = visit(port).worker();

  gateway.send(SIGKILL);
  gateway.exit_status();

  Clock::time_point until = Clock::now() + std::chrono::seconds(5);
  while (visit(port).error != ECONNREFUSED && Clock::now() < until) usleep(5000);
  EXPECT_EQ(visit(port).error, ECONNREFUSED) << "worker process " << worker << " serves on";
}

TEST(Supervisor, AWorkerProcessIsDeafToTheSignalsOfATerminal) {
  RunningSupervisor gateway(small_config("one"));
  std::uint16_t port = RunningSupervisor::port_in(gateway.wait_for("ready: "));
  pid_t worker = visit(port).worker();

  kill(worker, SIGINT);
  kill(worker, SIGTERM);
  kill(worker, SIGHUP);

  EXPECT_EQ(visit(port).worker(), worker);
}

TEST(Supervisor, OfManyRetiredWorkerProcessesTheOldestMustEnd) {
  constexpr std::size_t retired_most = 8;
  Config config = small_config("stuck");
  config.timeouts.drain = milliseconds(100);
  RunningSupervisor gateway(config, std::vector<Config>(retired_most + 1, config));
  pid_t first = visit(RunningSupervisor::port_in(gateway.wait_for("ready: "))).worker();

  for (std::size_t i = 0; i < retired_most; ++i) {
    gateway.send(SIGHUP);
    gateway.wait_for("reloaded: ");
  }
  EXPECT_EQ(gateway.said().find("did not end in time"), std::string::npos);
  gateway.send(SIGHUP);
  std::string line = gateway.wait_for("did not end in time");

  EXPECT_NE(line.find(std::to_string(first)), std::string::npos) << line;
}

TEST(Supervisor, AGoodReloadChangesTheWorkerProcessAndKeepsTheSocket) {
  RunningSupervisor gateway(small_config("old"), {small_config("new")});
  std::uint16_t port = RunningSupervisor::port_in(gateway.wait_for("ready: "));

  gateway.send(SIGHUP);
  int refused = 0;
  Clock::time_point until = Clock::now() + std::chrono::seconds(5);
  Visit answer;
  while (answer.name() != "new" && Clock::now() < until) {
    answer = visit(port);
    refused += answer.error == ECONNREFUSED ? 1 : 0;
  }
  std::string line = gateway.wait_for("reloaded: ");

  EXPECT_EQ(answer.name(), "new");
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(RunningSupervisor::port_in(line), port);
}

TEST(Supervisor, AReloadBindsNewListenersAndClosesOldOnes) {
  TemporaryFolder folder;
  Config with_unix = small_config("new");
  with_unix.listeners = {{.address = {.host = {}, .port = 0, .path = folder.at("app.sock")}}};
  RunningSupervisor gateway(small_config("old"), {with_unix});
  std::uint16_t port = RunningSupervisor::port_in(gateway.wait_for("ready: "));

  gateway.send(SIGHUP);
  std::string line = gateway.wait_for("reloaded: ");
  Clock::time_point until = Clock::now() + std::chrono::seconds(5);
  while (visit(port).error != ECONNREFUSED && Clock::now() < until) usleep(5000);

  EXPECT_NE(line.find("listening on unix:" + folder.at("app.sock")), std::string::npos);
  EXPECT_EQ(visit_unix(folder.at("app.sock")).name(), "new");
  EXPECT_EQ(visit(port).error, ECONNREFUSED);
  gateway.send(SIGTERM);
  EXPECT_EQ(gateway.exit_status(), 0);
  EXPECT_FALSE(std::filesystem::exists(folder.at("app.sock")));
}

TEST(Supervisor, ABadFileIsRefusedAndTheOldConfigurationStays) {
  RunningSupervisor gateway(small_config("old"));
  std::uint16_t port = RunningSupervisor::port_in(gateway.wait_for("ready: "));
  pid_t worker = visit(port).worker();

  gateway.send(SIGHUP);
  std::string said = gateway.wait_for("stays in force");

  EXPECT_EQ(said,
            "goodgate: goodgate.yaml:1:1: it is wrong\n"
            "goodgate: not reloaded: the configuration from before stays in force");
  EXPECT_EQ(visit(port).worker(), worker);
}

TEST(Supervisor, AReloadWhoseWorkerProcessCannotStartIsRefused) {
  RunningSupervisor gateway(small_config("old"), {small_config("fails")});
  std::uint16_t port = RunningSupervisor::port_in(gateway.wait_for("ready: "));
  pid_t worker = visit(port).worker();

  gateway.send(SIGHUP);
  std::string said = gateway.wait_for("stays in force");

  EXPECT_NE(said.find("the worker process with the new configuration ended with status 3 before it "
                      "was ready"),
            std::string::npos);
  EXPECT_EQ(visit(port).worker(), worker);
}

TEST(Supervisor, ALaterReloadCanMakeGoodABadOne) {
  RunningSupervisor gateway(small_config("old"), {small_config("fails"), small_config("new")});
  std::uint16_t port = RunningSupervisor::port_in(gateway.wait_for("ready: "));

  gateway.send(SIGHUP);
  gateway.wait_for("stays in force");
  gateway.send(SIGHUP);
  gateway.wait_for("reloaded: ");
  Clock::time_point until = Clock::now() + std::chrono::seconds(5);
  while (visit(port).name() != "new" && Clock::now() < until) usleep(1000);

  EXPECT_EQ(visit(port).name(), "new");
}

TEST(Supervisor, APortInUseEndsTheStartWithOneAndNamesTheHolder) {
  Listeners ours;
  Config held = small_config("held");
  ASSERT_TRUE(ours.add(held, std::nullopt).has_value());
  std::uint16_t port = ours.for_worker(held).front().address.port;
  Config wanted = small_config("one");
  wanted.listeners.front().address.port = port;
  RunningSupervisor gateway(wanted);

  EXPECT_EQ(gateway.exit_status(), 1);
  EXPECT_EQ(gateway.said(), "goodgate: cannot listen on 127.0.0.1:" + std::to_string(port) +
                                ": it is in use by unit_gate (pid " + std::to_string(getpid()) +
                                ")\n  stop that process, or listen elsewhere\n");
}

TEST(Supervisor, AnUnknownUserEndsTheStartWithOne) {
  Config config = small_config("one");
  config.user = "nobody-by-this-name";
  RunningSupervisor gateway(config);

  EXPECT_EQ(gateway.exit_status(), 1);
  EXPECT_NE(gateway.said().find("user \"nobody-by-this-name\" does not exist on this machine"),
            std::string::npos);
}

TEST(Supervisor, BothProcessesBecomeTheUserOfTheConfiguration) {
  if (geteuid() != 0) GTEST_SKIP() << "becoming another user needs root";
  Config config = small_config("one");
  config.user = "nobody";
  RunningSupervisor gateway(config);

  pid_t worker = visit(RunningSupervisor::port_in(gateway.wait_for("ready: "))).worker();

  struct stat supervisor_process{};
  struct stat worker_process{};
  stat(("/proc/" + std::to_string(gateway.pid())).c_str(), &supervisor_process);
  stat(("/proc/" + std::to_string(worker)).c_str(), &worker_process);
  EXPECT_EQ(supervisor_process.st_uid, 65534U);
  EXPECT_EQ(worker_process.st_uid, 65534U);
}

}  // namespace
}  // namespace gg::testing
