// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/scene.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gg {
namespace {

DemoScene scene() {
  DemoScene scene{.elapsed = 12300ms,
                  .turn = {.origin = 1, .misbehaviour = Misbehaviour::crash},
                  .address = "127.0.0.1:8080",
                  .notice = {},
                  .requests = 14312,
                  .per_second = 412.4,
                  .late = 7,
                  .median = 20480us,
                  .p99 = 32768us,
                  .slowest = 402ms,
                  .gateway = {.requests_of_others = 1,
                              .absorbed = {{.fault = Fault::connect_refused, .count = 34},
                                           {.fault = Fault::not_http, .count = 1200}},
                              .absorbed_in_all = 1234},
                  .origins = {}};
  scene.origins.push_back({.address = "127.0.0.1:41231",
                           .state = "up",
                           .reason = {},
                           .requests = 4112,
                           .faults = 12,
                           .expected = 300us});
  scene.origins.push_back({.address = "127.0.0.1:41232",
                           .state = "ejected",
                           .reason = "1 faults in a row; tried again in 1 s",
                           .requests = 3991,
                           .faults = 1222});
  return scene;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::size_t widest(const std::vector<std::string>& lines) {
  std::size_t most = 0;
  for (const std::string& line : lines) most = std::max(most, line.size());
  return most;
}

TEST(DemoPicture, ShowsWhatHappensAndWhatItCosts) {
  EXPECT_EQ(
      joined(picture_of(scene(), {.columns = 110, .rows = 40, .colored = false})),
      " Goodgate demo   one gateway, three origins that take turns failing   12 s\n"
      "\n"
      " ! origin 2 has crashed: its port is closed, its connections were reset\n"
      "\n"
      "   try: curl http://127.0.0.1:8080/   (1 request of your own)\n"
      "\n"
      " CLIENTS                 REQUESTS    ERRORS     PER S    MEDIAN   SLOWEST\n"
      " what they see             14,312         0       412     20 ms    402 ms\n"
      "\n"
      " ORIGINS                 REQUESTS    FAULTS  EXPECTED   HEALTH\n"
      " 1  127.0.0.1:41231         4,112        12    0.3 ms   up\n"
      " 2  127.0.0.1:41232         3,991     1,222         -   ejected: 1 faults in a row; tried "
      "again in 1 s\n"
      "\n"
      " FAULTS ABSORBED  1,234  requests that would have failed\n"
      "      34  connect_refused       The endpoint's machine is up but refuses connections on "
      "this "
      "port.\n"
      "   1,200  not_http              What the endpoint sent is not HTTP.\n"
      "\n"
      " Ctrl-C ends it with the tally.\n");
}

TEST(DemoPicture, IsNeverWiderThanTheTerminal) {
  EXPECT_EQ(widest(picture_of(scene(), {.columns = 50, .rows = 40, .colored = false})), 50);
  EXPECT_LE(widest(picture_of(scene(), {.columns = 1, .rows = 40, .colored = false})), 1);
}

TEST(DemoPicture, LeavesCausesOutWhereThereIsNoRoom) {
  std::vector<std::string> lines = picture_of(scene(), {.columns = 80, .rows = 17});

  ASSERT_EQ(lines.size(), 17);
  EXPECT_EQ(lines[14], "          and 2 more");
  EXPECT_EQ(lines[16], " Ctrl-C ends it with the tally.");
}

TEST(DemoPicture, IsNeverHigherThanTheTerminal) {
  EXPECT_EQ(picture_of(scene(), {.columns = 80, .rows = 5}).size(), 5);
  EXPECT_EQ(picture_of(scene(), {.columns = 80, .rows = 0}).size(), 0);
}

TEST(DemoPicture, AnErrorIsRed) {
  DemoScene with_error = scene();
  with_error.errors = 3;

  std::string text = joined(picture_of(with_error, {.columns = 80, .rows = 40, .colored = true}));

  EXPECT_NE(text.find("\033[1;31m         3\033[0m"), std::string::npos);
}

TEST(DemoLine, SaysItInOneLine) {
  EXPECT_EQ(line_of(scene()),
            "  12 s  14,312 requests, no errors, 1,234 faults absorbed; origin 2 has crashed: its "
            "port is closed, its connections were reset");
}

TEST(DemoTally, SumsUp) {
  EXPECT_EQ(
      tally_of(scene(), {}, 80),
      "In 12 s the clients made 14,312 requests and saw no errors.\n"
      "Half of the answers came within 20 ms, 99 of 100 within 33 ms, the slowest in 402 ms.\n"
      "7 came late from a hanging origin, as the gateway had to wait for it.\n"
      "Absorbed: 1,234 faults.\n"
      "      34  connect_refused       The endpoint's machine is up but refuses conn...\n"
      "   1,200  not_http              What the endpoint sent is not HTTP.\n"
      "You made 1 request of your own.\n");
}

TEST(DemoTally, NamesErrors) {
  DemoScene with_error = scene();
  with_error.errors = 1;

  std::string text = tally_of(with_error, {"GET /x: bad_status (502, a)"}, 80);

  EXPECT_NE(text.find("and saw 1 error.\n  GET /x: bad_status (502, a)\n"), std::string::npos);
}

TEST(DemoTally, IsOneJsonObjectForScripts) {
  std::string text = tally_json(scene(), {});

  nlohmann::json json = nlohmann::json::parse(text);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(json["requests"], 14312);
  EXPECT_EQ(json["client_errors"], 0);
  EXPECT_EQ(json["faults_absorbed"], (nlohmann::json{{"connect_refused", 34}, {"not_http", 1200}}));
  EXPECT_EQ(json["faults_absorbed_total"], 1234);
  EXPECT_EQ(json["origins"][1]["state"], "ejected");
}

TEST(CurlCommand, GoesWhereTheGatewayListens) {
  EXPECT_EQ(curl_command("127.0.0.1:8080"), "curl http://127.0.0.1:8080/");
  EXPECT_EQ(curl_command(":9000"), "curl http://127.0.0.1:9000/");
  EXPECT_EQ(curl_command("[::1]:80"), "curl http://[::1]:80/");
  EXPECT_EQ(curl_command("unix:/run/a.sock"), "curl --unix-socket /run/a.sock http://localhost/");
}

TEST(Quantile, IsTheBoundOfItsBucket) {
  Histogram times;
  times.add(1ms);
  times.add(1ms);
  times.add(1ms);
  times.add(400ms);

  EXPECT_EQ(quantile(Histogram{}, 0.5), 0s);
  EXPECT_GE(quantile(times, 0.5), 1ms);
  EXPECT_LE(quantile(times, 0.5), 1250us);
  EXPECT_GE(quantile(times, 0.99), 400ms);
}

}  // namespace
}  // namespace gg
