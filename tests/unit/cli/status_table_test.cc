// SPDX-License-Identifier: Apache-2.0
#include "cli/status_table.h"

#include <gtest/gtest.h>

#include "admin/status.h"

namespace gg {
namespace {

StatusReport example() {
  StatusReport report;
  report.version = "0.1.0";
  report.pid = 4711;
  report.uptime = 750s;
  report.ready = true;
  report.listeners = {":8080", "unix:/run/app.sock"};
  report.workers.resize(2);
  report.upstreams = {{.name = "app",
                       .requests_limit = 24,
                       .requests_admitted = 2,
                       .requests_waiting = 1,
                       .endpoints = {{.address = "10.0.0.1:3000",
                                      .state = "up",
                                      .reason = {},
                                      .requests_in_flight = 2,
                                      .requests_limit = 12,
                                      .connections_active = 2,
                                      .connections_idle = 14,
                                      .requests = 120034,
                                      .faults = 3,
                                      .expected = 4200us},
                                     {.address = "10.0.0.2:3000",
                                      .state = "ejected",
                                      .reason = "5 faults in a row",
                                      .requests = 99}}}};
  report.requests = {.total = 120133, .errors = 1, .rescued = 7, .unrescued_by_budget = 0};
  return report;
}

TEST(StatusTable, ShowsEachEndpointWithItsStateAndReason) {
  Result<std::string, std::string> table = status_table(to_json(example()), Coloring::plain);

  ASSERT_TRUE(table.has_value());
  EXPECT_EQ(*table,
            "goodgate 0.1.0, pid 4711, ready for 12 min, 2 workers, listening on :8080, "
            "unix:/run/app.sock\n"
            "requests: 120133, 2 active, 1 ended in an error, 7 rescued, 0 unrescued by budget\n"
            "\n"
            "app              requests  faults  in flight  limit  active  idle  expected  state\n"
            "  10.0.0.1:3000    120034       3          2     12       2    14    4.2 ms  up\n"
            "  10.0.0.2:3000        99       0          0      0       0     0         -  ejected: "
            "5 faults in a row\n"
            "  2 of 24 let in, 1 waiting\n");
}

TEST(StatusTable, ColoursOnlyTheStates) {
  Result<std::string, std::string> table = status_table(to_json(example()), Coloring::colored);

  ASSERT_TRUE(table.has_value());
  EXPECT_NE(table->find("  \033[32mup\033[0m\n"), std::string::npos);
  EXPECT_NE(table->find("  \033[31mejected: 5 faults in a row\033[0m\n"), std::string::npos);
  EXPECT_EQ(table->find("\033[31mstate"), std::string::npos);
}

TEST(StatusTable, WhatIsMissingIsZeroAndWhatIsNoStatusIsRefused) {
  EXPECT_TRUE(status_table("{}", Coloring::plain).has_value());
  EXPECT_TRUE(status_table(R"({"upstreams":[{"endpoints":[{}]}]})", Coloring::plain).has_value());
  EXPECT_FALSE(status_table("", Coloring::plain).has_value());
  EXPECT_FALSE(status_table("[1]", Coloring::plain).has_value());
  EXPECT_FALSE(status_table(R"({"version":1})", Coloring::plain).has_value());
}

}  // namespace
}  // namespace gg
