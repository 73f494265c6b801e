// SPDX-License-Identifier: Apache-2.0
#include "cli/running.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

RunningGateway gateway(pid_t pid, std::string config_path) {
  return {.pid = pid, .config_path = std::move(config_path), .admin = "off"};
}

TEST(ChooseRunning, TheOnlyOneNeedsNoName) {
  RunningGateway only[] = {gateway(12, "/etc/a.yaml")};

  EXPECT_EQ(choose_running(only, "")->pid, 12);
}

TEST(ChooseRunning, OfSeveralTheFileDecides) {
  RunningGateway both[] = {gateway(12, "/no/a.yaml"), gateway(13, "/no/b.yaml")};

  EXPECT_EQ(choose_running(both, "/no/x/../b.yaml")->pid, 13);
  EXPECT_EQ(choose_running(both, "").error(),
            "more than one gateway runs\n"
            "  pid 12, /no/a.yaml\n"
            "  pid 13, /no/b.yaml\n"
            "  say which with -c FILE, or by its pid: kill -TERM, -HUP");
}

TEST(ChooseRunning, ACommandThatAsksTheAdminInterfaceNamesItsAddresses) {
  RunningGateway both[] = {gateway(12, "/no/a.yaml"), gateway(13, "/no/a.yaml")};
  both[0].admin = "127.0.0.1:9502";
  both[1].admin = "off";

  EXPECT_EQ(choose_running(both, "", Reach::admin).error(),
            "more than one gateway runs\n"
            "  pid 12, /no/a.yaml, admin 127.0.0.1:9502\n"
            "  pid 13, /no/a.yaml, admin off\n"
            "  say which with -c FILE or --admin ADDRESS");
}

TEST(ChooseRunning, NoneIsSaidWithWhatToDo) {
  EXPECT_EQ(choose_running({}, "").error(),
            "no gateway that this user can see is running\n"
            "  start one with `goodgate run`, or ask as the user that started it");
  EXPECT_EQ(choose_running({}, "/no/a.yaml").error(),
            "no gateway that this user can see runs with /no/a.yaml");
}

}  // namespace
}  // namespace gg
