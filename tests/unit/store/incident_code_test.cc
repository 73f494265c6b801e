// SPDX-License-Identifier: Apache-2.0
#include "store/incident_code.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace gg {
namespace {

Incident example() {
  Incident made;
  made.id = 12;
  made.key = {.upstream = "app", .endpoint = "10.0.0.1:80", .fault = Fault::keep_alive_race};
  made.began = {1'785'542'400'000'000};
  made.last_seen = {1'785'542'401'000'000};
  made.ended = {1'785'542'461'000'000};
  made.failed = 3;
  made.rescued = 1'000'000'000'000;
  made.unrescued[static_cast<std::size_t>(Retry::no_budget_left)] = 2;
  made.upstream_requests = 99;
  made.per_window_most = 7;
  made.routes = {{.name = "shop", .requests = 5}, {.name = "", .requests = 1}};
  made.first_samples = {"a", "b"};
  made.last_samples = {"c"};
  made.before = {{.kind = Change::Kind::reload,
                  .at = {1'785'542'300'000'000},
                  .upstream = "app",
                  .endpoint = "10.0.0.1:80",
                  .text = "the configuration was read again"}};
  made.during = {{.kind = Change::Kind::health, .text = "app is \"ejected\"\n"}};
  made.evidence = {.idle = {.least = 5s, .most = 7s, .count = 3},
                   .waited = {.least = 1ns, .most = 2ms, .count = 4},
                   .attempts = 8,
                   .on_reused = 3,
                   .resets = 1,
                   .orderly_ends = 2,
                   .bytes_read_most = 77,
                   .error_number = ECONNRESET,
                   .protocol_code = 42,
                   .verify_code = 10,
                   .status = 503,
                   .message_error = MessageError::ended_in_body,
                   .first_bytes = "\\x16\\x03"};
  made.explained_by = 4;
  made.explains = 2;
  made.was_announced = true;
  return made;
}

TEST(IncidentCode, AnIncidentComesBackAsItWas) {
  std::optional<Incident> back = decoded(encoded(example()));

  ASSERT_TRUE(back);
  EXPECT_EQ(encoded(*back), encoded(example()));
  EXPECT_EQ(back->id, 12U);
  EXPECT_EQ(back->key, example().key);
  EXPECT_EQ(back->rescued, 1'000'000'000'000U);
  EXPECT_EQ(back->unrescued, example().unrescued);
  EXPECT_EQ(back->before.front().text, "the configuration was read again");
  EXPECT_EQ(back->before.front().kind, Change::Kind::reload);
  EXPECT_EQ(back->evidence.idle.most, 7s);
  EXPECT_EQ(back->evidence.message_error, MessageError::ended_in_body);
  EXPECT_EQ(back->ended.microseconds, example().ended.microseconds);
  EXPECT_TRUE(back->was_announced);
}

TEST(IncidentCode, BytesThatAreNoTextDoNotEndTheProgram) {
  Incident odd = example();
  odd.key.endpoint = "unix:/\xff\xfe";

  std::optional<Incident> back = decoded(encoded(odd));

  ASSERT_TRUE(back);
  EXPECT_EQ(back->key.endpoint, "unix:/\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(IncidentCode, WhatIsMissingIsAsInAFreshOne) {
  std::optional<Incident> back = decoded(R"({"id": 3, "fault": "connect_refused"})");

  ASSERT_TRUE(back);
  EXPECT_EQ(back->id, 3U);
  EXPECT_EQ(back->failed, 0U);
  EXPECT_TRUE(back->is_open());
}

class NoIncident : public testing::TestWithParam<const char*> {};

TEST_P(NoIncident, IsNotTakenForOne) { EXPECT_FALSE(decoded(GetParam())); }

INSTANTIATE_TEST_SUITE_P(
    Table, NoIncident,
    testing::Values("", "null", "[]", "7", "{", "{}", R"({"id": 3})",
                    R"({"id": "x", "fault": "connect_refused"})",
                    R"({"id": 3, "fault": "of_a_later_version"})", R"({"id": 3, "fault": "none"})",
                    R"({"id": 3, "fault": "connect_refused", "failed": "many"})",
                    R"({"id": 3, "fault": "connect_refused", "routes": [["only a name"]]})",
                    R"({"id": 3, "fault": "connect_refused", "routes": 5})",
                    R"({"id": 3, "fault": "connect_refused", "before": [7]})",
                    R"({"id": 3, "fault": "connect_refused", "evidence": []})",
                    R"({"id": 3, "fault": "connect_refused", "first_samples": [1]})"));

TEST(IncidentCode, NoMoreIsTakenThanAnIncidentHolds) {
  std::optional<Incident> back = decoded(
      R"({"id": 3, "fault": "connect_refused", "first_samples": ["a", "b", "c", "d", "e"],)"
      R"( "routes": [["a",1],["b",1],["c",1],["d",1],["e",1],["f",1],["g",1],["h",1],["i",1]]})");

  ASSERT_TRUE(back);
  EXPECT_EQ(back->first_samples.size(), Incident::samples_kept);
  EXPECT_EQ(back->routes.size(), Incident::routes_kept);
}

}  // namespace
}  // namespace gg
