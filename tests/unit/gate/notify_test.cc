// SPDX-License-Identifier: Apache-2.0
#include "gate/notify.h"

#include <gtest/gtest.h>

#include <cstddef>

#include "unit/gate/running_supervisor.h"

namespace gg::testing {
namespace {

/// The service manager's end. A name that begins with '@' is an abstract one.
class FakeServiceManager {
 public:
  explicit FakeServiceManager(const std::string& name)
      : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    if (name.starts_with('@')) address.sun_path[0] = '\0';
    auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    if (bind(socket_.number(), reinterpret_cast<sockaddr*>(&address), size) != 0) std::abort();
    timeval patience{.tv_sec = 10, .tv_usec = 0};
    setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  /// Empty after ten seconds without one.
  std::string next() const {
    char text[2048];
    ssize_t got = recv(socket_.number(), text, sizeof text, 0);
    return got < 0 ? std::string() : std::string(text, static_cast<std::size_t>(got));
  }

 private:
  Descriptor socket_;
};

TEST(Notifier, SpeaksToASocketInTheFileSystem) {
  TemporaryFolder folder;
  FakeServiceManager manager(folder.at("notify"));

  EXPECT_TRUE(Notifier(folder.at("notify")).tell("READY=1"));
  EXPECT_EQ(manager.next(), "READY=1");
}

TEST(Notifier, SpeaksToAnAbstractSocket) {
  std::string name = "@goodgate-test-" + std::to_string(getpid());
  FakeServiceManager manager(name);

  EXPECT_TRUE(Notifier(name).tell("STATUS=well\nREADY=1"));
  EXPECT_EQ(manager.next(), "STATUS=well\nREADY=1");
}

TEST(Notifier, SaysNothingWithoutAServiceManager) {
  EXPECT_FALSE(Notifier("").tell("READY=1"));
  EXPECT_FALSE(Notifier("relative/path").tell("READY=1"));
  EXPECT_FALSE(Notifier("/nobody/listens/here").tell("READY=1"));
  EXPECT_FALSE(Notifier(std::string(200, '/')).tell("READY=1"));
}

TEST(Supervisor, TellsTheServiceManagerOfReadyReloadAndStop) {
  TemporaryFolder folder;
  FakeServiceManager manager(folder.at("notify"));
  RunningSupervisor gateway(small_config("old"), {small_config("new")},
                            {"NOTIFY_SOCKET=" + folder.at("notify")});

  EXPECT_TRUE(manager.next().starts_with("READY=1\nSTATUS=listening on 127.0.0.1:"));
  gateway.send(SIGHUP);
  EXPECT_TRUE(manager.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_TRUE(manager.next().starts_with("READY=1\n"));
  gateway.send(SIGTERM);
  EXPECT_EQ(manager.next(), "STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=4000000");
}

TEST(Supervisor, TellsTheServiceManagerWhenABadReloadIsOver) {
  TemporaryFolder folder;
  FakeServiceManager manager(folder.at("notify"));
  RunningSupervisor gateway(small_config("old"), {}, {"NOTIFY_SOCKET=" + folder.at("notify")});
  manager.next();

  gateway.send(SIGHUP);

  EXPECT_TRUE(manager.next().starts_with("RELOADING=1\n"));
  EXPECT_TRUE(manager.next().starts_with("READY=1\n"));
}

}  // namespace
}  // namespace gg::testing
