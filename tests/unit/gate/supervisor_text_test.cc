// SPDX-License-Identifier: Apache-2.0
#include "gate/supervisor_text.h"

#include <gtest/gtest.h>

#include <csignal>

namespace gg {
namespace {

TEST(SupervisorText, AFirstDeathIsFollowedAtOnceALaterOneByADelay) {
  EXPECT_EQ(restart_text("worker process 7 ended with status 1", 0s, 1),
            "worker process 7 ended with status 1; starting another");
  EXPECT_EQ(restart_text("worker process 7 ended with status 1", 1600ms, 6),
            "worker process 7 ended with status 1, the 6. in a row that died within a second; "
            "starting another in 1600ms");
}

TEST(SupervisorText, StoppingSaysHowLongItMayTake) {
  EXPECT_EQ(stopping_text(SIGTERM, 30s),
            "told to stop: no new connections, exchanges may end within 30s");
  EXPECT_EQ(stopping_text(SIGTERM, 0s), "told to stop: no new connections, exchanges may end");
  EXPECT_EQ(stopping_text(SIGINT, 250ms),
            "interrupted: no new connections, exchanges may end within 250ms; interrupt again to "
            "end at once");
}

TEST(SupervisorText, ReadySaysWhereAndForWhom) {
  Config config;
  config.listeners.resize(2);
  config.listeners[0].address = {.host = "127.0.0.1", .port = 0, .path = {}};
  config.listeners[1].address = {.host = "::1", .port = 0, .path = {}};
  config.upstreams = {{.name = "a", .endpoints = {{}, {}}}, {.name = "b", .endpoints = {{}}}};
  config.admin.address = ListenAddress{.host = "127.0.0.1", .port = 0, .path = {}};
  Listeners listeners;
  ASSERT_TRUE(listeners.add(config, std::nullopt).has_value());
  std::vector<ListeningSocket> sockets = listeners.for_worker(config);

  EXPECT_EQ(serving_text(listeners, config),
            "listening on " + to_text(sockets[0].address) + " and " + to_text(sockets[1].address) +
                ", 2 upstreams with 3 endpoints, admin on " + listeners.admin_address(config));
}

TEST(SupervisorText, TooFewDescriptorsAreSaidWithTheirConsequence) {
  Config config;
  config.limits.connections = 20'000;

  EXPECT_EQ(descriptor_shortage_text(config, 1024),
            "1024 descriptors are enough for 732 clients at once, not for the 20000 of "
            "limits.connections\n  raise the limit: ulimit -Hn, LimitNOFILE=");
  EXPECT_EQ(descriptor_shortage_text(config, 65'536), "");
}

TEST(SupervisorText, AnUnboundedDrainAsksTheServiceManagerForNothing) {
  EXPECT_EQ(stopping_assignments(0s), "STOPPING=1\nSTATUS=draining");
}

}  // namespace
}  // namespace gg
