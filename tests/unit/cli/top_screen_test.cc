// SPDX-License-Identifier: Apache-2.0
#include "cli/top_screen.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace gg {
namespace {

using nlohmann::json;

class TopScreenTest : public testing::Test {
 protected:
  std::string screen() const {
    std::string all;
    TopFacts facts{
        .status = status_, .before = before_, .incidents = incidents_, .trouble = trouble_};
    for (const std::string& line : top_screen(facts, view_)) {
      EXPECT_LE(line.size(), view_.columns);
      all += line + "\n";
    }
    return all;
  }
  bool shows(std::string_view text) const { return screen().find(text) != std::string::npos; }
  static json endpoint(std::string address, std::string state, std::string reason, int requests) {
    return {{"address", address},   {"state", state}, {"reason", reason},
            {"requests", requests}, {"faults", 3},    {"requests_in_flight", 2},
            {"expected_ms", 1.25}};
  }
  static json status_at(double uptime, int requests) {
    return {
        {"version", "1.2.3"},
        {"pid", 7},
        {"uptime_seconds", uptime},
        {"ready", true},
        {"listeners", {":8080"}},
        {"workers", {{{"client_connections", 4}}}},
        {"upstreams",
         {{{"name", "app"},
           {"endpoints",
            {endpoint("10.0.0.1:80", "up", "", requests), endpoint("10.0.0.2:80", "up", "", 0)}}}}},
        {"requests", {{"total", 100}, {"errors", 1}, {"rescued", 2}, {"active", 4}}}};
  }

  json status_ = status_at(12, 150);
  json before_ = status_at(10, 50);
  json incidents_;
  std::string trouble_;
  TopView view_;
};

TEST_F(TopScreenTest, SaysFirstThatAllIsWell) {
  EXPECT_TRUE(screen().starts_with("goodgate 1.2.3, pid 7, up for 12 s, :8080\nAll is well\n"));
  EXPECT_TRUE(shows("app 10.0.0.1:80 up              50      2       3   1.2 ms"));
  EXPECT_TRUE(shows("clients 4"));
}

TEST_F(TopScreenTest, TroubleStandsOnTop) {
  status_["upstreams"][0]["endpoints"][1] = endpoint("10.0.0.2:80", "ejected", "hung", 0);

  EXPECT_TRUE(shows("Clients notice nothing: 1 of 2 endpoints cannot be used"));
  EXPECT_LT(screen().find("10.0.0.2:80 ejected"), screen().find("10.0.0.1:80 up"));
  EXPECT_TRUE(shows("hung"));
}

TEST_F(TopScreenTest, AnIncidentIsTheVerdict) {
  incidents_ = {{"incidents",
                 {{{"id", 3},
                   {"title", "app refuses connections"},
                   {"open", true},
                   {"blame", "upstream"},
                   {"failed", 5},
                   {"rescued", 6},
                   {"remedy", "Start it."}}}}};

  EXPECT_TRUE(shows("\napp refuses connections\n"));
  EXPECT_TRUE(shows("#3 app refuses connections: 5 failed, 6 rescued\n   Start it.\n"));

  incidents_["incidents"][0]["failed"] = 0;
  EXPECT_TRUE(shows("Clients notice nothing: app refuses connections"));
}

TEST_F(TopScreenTest, ClientsOwnMistakesAreNotTheVerdict) {
  incidents_ = {{"incidents",
                 {{{"id", 3},
                   {"title", "clients leave"},
                   {"open", true},
                   {"blame", "client"},
                   {"failed", 5}}}}};

  EXPECT_TRUE(shows("All is well"));
}

TEST_F(TopScreenTest, AGatewayThatDoesNotAnswerIsNotFine) {
  trouble_ = "Connection refused";

  EXPECT_TRUE(shows("The gateway does not answer: Connection refused"));
}

TEST_F(TopScreenTest, FitsEveryTerminal) {
  json& endpoints = status_["upstreams"][0]["endpoints"];
  for (int i = 0; i < 100; ++i) endpoints.push_back(endpoint("a", "up", std::string(200, 'x'), i));
  for (std::size_t rows : {1U, 2U, 5U, 10U, 24U, 50U}) {
    view_.rows = rows;
    std::size_t lines = static_cast<std::size_t>(std::ranges::count(screen(), '\n'));
    EXPECT_LE(lines, std::max<std::size_t>(rows - 1, 1)) << rows;
  }
  view_.columns = 20;
  screen();
}

TEST_F(TopScreenTest, ScrollsToTheLastAndNotFurther) {
  json& endpoints = status_["upstreams"][0]["endpoints"];
  for (int i = 0; i < 50; ++i) {
    endpoints.push_back(endpoint("host" + std::to_string(i), "up", "", i));
  }
  EXPECT_FALSE(shows("host49"));

  view_.skipped = 1000;

  EXPECT_TRUE(shows("host49"));
  EXPECT_TRUE(shows(" of 52"));
}

TEST_F(TopScreenTest, SortsAsItIsTold) {
  view_.order = TopOrder::rate;
  EXPECT_LT(screen().find("10.0.0.1:80"), screen().find("10.0.0.2:80"));
  EXPECT_TRUE(shows("s sort: requests per second"));
}

TEST_F(TopScreenTest, WhatItDoesNotUnderstandIsNothing) {
  status_ = json::object();
  before_ = json();

  EXPECT_TRUE(shows("goodgate , pid 0"));
}

}  // namespace
}  // namespace gg
