// SPDX-License-Identifier: Apache-2.0
#include "gate/listeners.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/stat.h>

#include "unit/gate/running_supervisor.h"

namespace gg::testing {
namespace {

Config listening_at(ListenAddress address) {
  Config config = small_config("one");
  config.listeners = {{.address = std::move(address)}};
  return config;
}

int option_of(int descriptor, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  getsockopt(descriptor, level, name, &value, &size);
  return value;
}

/// Does somebody accept at this address, of either family?
int connect_error(const Address& address) {
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(address.port);
  if (address.family == AddressFamily::v6) {
    std::memcpy(&to.sin6_addr, address.ip.data(), 16);
  } else {
    to.sin6_addr.s6_addr[10] = to.sin6_addr.s6_addr[11] = 0xFF;
    std::memcpy(to.sin6_addr.s6_addr + 12, address.ip.data(), 4);
  }
  Descriptor client(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(client.number(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0 ? 0 : errno;
}

TEST(Listeners, ASocketListensWithoutBlockingAndSendsSmallPiecesAtOnce) {
  Listeners listeners;
  Config config = small_config("one");

  ASSERT_TRUE(listeners.add(config, std::nullopt).has_value());
  ListeningSocket socket = listeners.for_worker(config).front();

  EXPECT_EQ(option_of(socket.descriptor, SOL_SOCKET, SO_ACCEPTCONN), 1);
  EXPECT_EQ(option_of(socket.descriptor, SOL_SOCKET, SO_REUSEADDR), 1);
  EXPECT_EQ(option_of(socket.descriptor, IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_NE(fcntl(socket.descriptor, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(socket.address.port, 0);
}

TEST(Listeners, NoHostMeansBothFamilies) {
  Listeners listeners;
  Config config = listening_at({});

  ASSERT_TRUE(listeners.add(config, std::nullopt).has_value());
  std::uint16_t port = listeners.for_worker(config).front().address.port;

  EXPECT_EQ(connect_error(*parse_ip("127.0.0.1", port)), 0);
  EXPECT_EQ(connect_error(*parse_ip("::1", port)), 0);
  EXPECT_EQ(listeners.client_addresses(config).front(), ":" + std::to_string(port));
}

TEST(Listeners, OneIpv6AddressMeansThatFamilyAlone) {
  Listeners listeners;
  Config config = listening_at({.host = "::1", .port = 0, .path = {}});

  ASSERT_TRUE(listeners.add(config, std::nullopt).has_value());
  std::uint16_t port = listeners.for_worker(config).front().address.port;

  EXPECT_EQ(connect_error(*parse_ip("::1", port)), 0);
  EXPECT_EQ(connect_error(*parse_ip("127.0.0.1", port)), ECONNREFUSED);
  EXPECT_EQ(listeners.client_addresses(config).front(), "[::1]:" + std::to_string(port));
}

TEST(Listeners, AListenerAndTheAdminInterfaceMayBothHaveAnyPort) {
  Listeners listeners;
  Config config = small_config("one");
  config.admin.address = ListenAddress{.host = "127.0.0.1", .port = 0, .path = {}};

  ASSERT_TRUE(listeners.add(config, std::nullopt).has_value());

  EXPECT_NE(listeners.admin_descriptor(config), listeners.for_worker(config).front().descriptor);
  EXPECT_NE(listeners.admin_address(config), listeners.client_addresses(config).front());
}

TEST(Listeners, WhatIsHeldAlreadyIsNotBoundAgain) {
  Listeners listeners;
  Config config = small_config("one");
  ASSERT_TRUE(listeners.add(config, std::nullopt).has_value());
  int before = listeners.for_worker(config).front().descriptor;

  ASSERT_TRUE(listeners.add(config, std::nullopt).has_value());

  EXPECT_EQ(listeners.for_worker(config).front().descriptor, before);
}

TEST(Listeners, AllOrNothingIsBoundAndEveryProblemTold) {
  Listeners holder;
  Config held = small_config("held");
  ASSERT_TRUE(holder.add(held, std::nullopt).has_value());
  std::uint16_t port = holder.for_worker(held).front().address.port;
  TemporaryFolder folder;
  Config wanted = listening_at({.host = {}, .port = 0, .path = folder.at("app.sock")});
  wanted.listeners.push_back({.address = {.host = "127.0.0.1", .port = port, .path = {}}});
  wanted.listeners.push_back({.address = {.host = "203.0.113.1", .port = 1, .path = {}}});
  Listeners listeners;

  Result<void, std::string> bound = listeners.add(wanted, std::nullopt);

  ASSERT_FALSE(bound.has_value());
  EXPECT_EQ(
      bound.error(),
      "cannot listen on 127.0.0.1:" + std::to_string(port) +
          ": this gateway listens there already\n"
          "  no two listeners (nor a listener and admin) may overlap; one that is to take the "
          "place of\n  an overlapping one needs a restart\n"
          "cannot listen on 203.0.113.1:1: this machine has no such address\n"
          "  `ip address` shows those that it has");
  EXPECT_FALSE(std::filesystem::exists(folder.at("app.sock")));
}

TEST(Listeners, AUnixSocketIsForEverybodyButTheAdminOneIsNot) {
  TemporaryFolder folder;
  Config config = listening_at({.host = {}, .port = 0, .path = folder.at("app.sock")});
  config.admin.address = ListenAddress{.host = {}, .port = 0, .path = folder.at("admin.sock")};
  Listeners listeners;

  ASSERT_TRUE(listeners.add(config, std::nullopt).has_value());
  struct stat app{};
  struct stat admin{};
  stat(folder.at("app.sock").c_str(), &app);
  stat(folder.at("admin.sock").c_str(), &admin);

  EXPECT_EQ(app.st_mode & 0777U, 0666U);
  EXPECT_EQ(admin.st_mode & 0777U, 0660U);
  EXPECT_EQ(listeners.for_worker(config).front().address.path, folder.at("app.sock"));
}

/// A socket file with nobody behind it, as a killed process leaves it.
void leave_socket_file(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  Descriptor left(socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(bind(left.number(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

TEST(Listeners, AStaleUnixSocketFileIsReplaced) {
  TemporaryFolder folder;
  leave_socket_file(folder.at("app.sock"));
  Listeners listeners;
  Config config = listening_at({.host = {}, .port = 0, .path = folder.at("app.sock")});

  EXPECT_TRUE(listeners.add(config, std::nullopt).has_value());
}

TEST(Listeners, AUnixSocketInUseIsLeftAlone) {
  TemporaryFolder folder;
  Config config = listening_at({.host = {}, .port = 0, .path = folder.at("app.sock")});
  Listeners first;
  ASSERT_TRUE(first.add(config, std::nullopt).has_value());
  Listeners second;

  Result<void, std::string> bound = second.add(config, std::nullopt);

  ASSERT_FALSE(bound.has_value());
  EXPECT_NE(bound.error().find("this gateway listens there already"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder.at("app.sock")));
}

TEST(Listeners, AFileThatIsNoSocketIsLeftAlone) {
  TemporaryFolder folder;
  Descriptor file(open(folder.at("app.sock").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  Listeners listeners;

  Result<void, std::string> bound =
      listeners.add(listening_at({.host = {}, .port = 0, .path = folder.at("app.sock")}), {});

  ASSERT_FALSE(bound.has_value());
  EXPECT_EQ(bound.error(), "cannot listen on unix:" + folder.at("app.sock") +
                               ": a file that is no socket is in the way\n"
                               "  move it, or choose another path");
}

TEST(Listeners, AMissingDirectoryIsNamedAsSuch) {
  TemporaryFolder folder;
  Listeners listeners;

  Result<void, std::string> bound =
      listeners.add(listening_at({.host = {}, .port = 0, .path = folder.at("no/app.sock")}), {});

  ASSERT_FALSE(bound.has_value());
  EXPECT_NE(bound.error().find("its directory does not exist"), std::string::npos);
}

TEST(Listeners, ClosingLeavesAPathThatSomebodyElseTookSince) {
  TemporaryFolder folder;
  Config config = listening_at({.host = {}, .port = 0, .path = folder.at("app.sock")});
  Listeners listeners;
  ASSERT_TRUE(listeners.add(config, std::nullopt).has_value());
  std::filesystem::rename(folder.at("app.sock"), folder.at("moved.sock"));
  leave_socket_file(folder.at("app.sock"));

  listeners.close_all();

  EXPECT_TRUE(std::filesystem::exists(folder.at("app.sock")));
}

}  // namespace
}  // namespace gg::testing
