// SPDX-License-Identifier: Apache-2.0
#include "gate/socket_holder.h"

#include <gtest/gtest.h>

#include "gate/listeners.h"
#include "unit/gate/running_supervisor.h"

namespace gg::testing {
namespace {

Config listening_at(ListenAddress address) {
  Config config = small_config("one");
  config.listeners = {{.address = std::move(address)}};
  return config;
}

TEST(SocketHolder, FindsThisProcessBehindItsUnixSocket) {
  TemporaryFolder folder;
  std::string path = folder.at("app.sock");
  Listeners listeners;
  ASSERT_TRUE(listeners.add(listening_at({.host = {}, .port = 0, .path = path}), {}).has_value());

  std::optional<SocketHolder> holder = find_holder(Address::unix_at(path));

  ASSERT_TRUE(holder.has_value());
  EXPECT_EQ(holder->pid, getpid());
  EXPECT_EQ(holder->program, "unit_gate");
}

TEST(SocketHolder, AnIpv6ListenerOfAllAddressesHoldsAnIpv4OneToo) {
  Listeners listeners;
  Config config = listening_at({});
  ASSERT_TRUE(listeners.add(config, std::nullopt).has_value());
  std::uint16_t port = listeners.for_worker(config).front().address.port;

  std::optional<SocketHolder> holder = find_holder(Address::v4({127, 0, 0, 1}, port));

  ASSERT_TRUE(holder.has_value());
  EXPECT_EQ(holder->pid, getpid());
}

TEST(SocketHolder, NobodyHoldsAFreePort) {
  EXPECT_FALSE(find_holder(Address::v4({127, 0, 0, 1}, 1)).has_value());
}

}  // namespace
}  // namespace gg::testing
