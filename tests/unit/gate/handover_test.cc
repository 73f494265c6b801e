// SPDX-License-Identifier: Apache-2.0
#include "gate/handover.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

namespace gg {
namespace {

Handover full_handover() {
  Handover handover{.report = 5,
                    .runtime_file = 6,
                    .runtime_path = "/run/with space/7.pid",
                    .health = 8,
                    .health_layout = 3,
                    .state_lock = 11,
                    .state_path = "/var/lib/a b",
                    .is_kept = true};
  handover.sockets.push_back(
      {.address = {.host = "", .port = 80, .path = {}}, .repetition = 2, .descriptor = 9});
  handover.sockets.push_back({.is_admin = true,
                              .address = {.host = {}, .port = 0, .path = "/run/a b.sock"},
                              .descriptor = 10,
                              .inode = 4711});
  handover.tickets[0] = 0xab;
  handover.tickets[31] = 0x01;
  return handover;
}

TEST(Handover, IsReadAsItWasWritten) {
  Result<Handover, std::string> read = parse_handover(to_text(full_handover()));

  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(*read, full_handover());
}

TEST(Handover, AnotherFormIsRefusedByName) {
  Result<Handover, std::string> read = parse_handover("goodgate handover 2\nreport 5\n");

  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().find("\"goodgate handover 2\""), std::string::npos);
  EXPECT_NE(read.error().find("restart instead"), std::string::npos);
}

TEST(Handover, FactsOfALaterVersionAreLeftAside) {
  EXPECT_TRUE(parse_handover("goodgate handover 1\nmoon full\n").has_value());
}

TEST(Handover, EveryDamagedLineIsNamed) {
  for (const char* line :
       {"report x", "report 99999999999", "health -2", "tickets ab", "tickets", "socket",
        "socket clients 5 0 0 80", "socket guests 5 0 0 80 tcp ", "socket clients 5 0 0 65536 tcp ",
        "socket clients 5 0 0 80 ipx x", "health_layout many"}) {
    Result<Handover, std::string> read =
        parse_handover(std::string("goodgate handover 1\n") + line + "\n");

    ASSERT_FALSE(read.has_value()) << line;
    EXPECT_NE(read.error().find(line), std::string::npos) << read.error();
  }
}

TEST(Handover, NothingWasGivenToAProcessThatStartsAsUsual) {
  unsetenv(handover_variable);
  Result<std::optional<Handover>, std::string> given = take_handover();

  ASSERT_TRUE(given.has_value());
  EXPECT_FALSE(given->has_value());
}

TEST(Handover, IsTakenOutOfTheEnvironmentOnce) {
  Result<Descriptor, int> memory = memory_with(to_text(full_handover()));
  ASSERT_TRUE(memory.has_value());
  setenv(handover_variable, std::to_string(dup(memory->number())).c_str(), 1);

  Result<std::optional<Handover>, std::string> given = take_handover();

  ASSERT_TRUE(given.has_value()) << given.error();
  EXPECT_EQ(*given, full_handover());
  EXPECT_EQ(std::getenv(handover_variable), nullptr);
}

TEST(Handover, AVariableThatNobodyMeantIsRefused) {
  for (const char* value : {"", "yes", "-1", "1000000"}) {
    setenv(handover_variable, value, 1);
    EXPECT_FALSE(take_handover().has_value()) << value;
  }
}

}  // namespace
}  // namespace gg
