// SPDX-License-Identifier: Apache-2.0
#include "admin/incident_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "unit/report/example_record.h"

namespace gg {
namespace {

Moment moment() { return {.now = {1h}, .wall = {1'785'587'696'000'789}}; }

void note(Incidents& incidents, const ExchangeRecord& record) {
  FlightRecord kept;
  keep(record, 1, kept);
  incidents.note(kept, moment());
}

TEST(IncidentJson, TheOneThatMattersMostStandsFirst) {
  BufferPool pool;
  Incidents incidents;
  ExchangeRecord clients = plain_record(pool);
  clients.fault = Fault::request_malformed;
  note(incidents, clients);
  note(incidents, failed_record(pool));
  incidents.look(moment());

  nlohmann::json json = nlohmann::json::parse(to_json(incidents, Config{}, {}));

  EXPECT_EQ(json["open"], 3);
  ASSERT_EQ(json["incidents"].size(), 3u);
  EXPECT_NE(json["incidents"][0]["blame"], "client");
  EXPECT_EQ(json["incidents"][2]["fault"]["name"], "request_malformed");
  EXPECT_FALSE(json["incidents"][0]["remedy"].get<std::string>().empty());
}

TEST(IncidentJson, OneTellsEvidenceDeedsRoutesAndSamples) {
  BufferPool pool;
  Incidents incidents;
  note(incidents, failed_record(pool));
  incidents.note({.kind = Change::Kind::health,
                  .when = moment().now,
                  .at = moment().wall,
                  .upstream = "app",
                  .endpoint = "10.0.0.1:3000",
                  .text = "it is ejected"});

  nlohmann::json json = nlohmann::json::parse(to_json(*incidents.find(1), Config{}));

  EXPECT_EQ(json["title"], "connect_refused at 10.0.0.1:3000 of app");
  EXPECT_EQ(json["open"], true);
  EXPECT_EQ(json["began"], "2026-08-01T12:34:56.000789Z");
  EXPECT_EQ(json["failed"], 1);
  EXPECT_EQ(json["routes"][0]["route"], "shop");
  EXPECT_EQ(json["evidence"][0], "the kernel said ECONNREFUSED (Connection refused)");
  EXPECT_EQ(json["during"][0]["kind"], "health");
  EXPECT_EQ(json["samples"][0], "0123456789abcdeffedcba9876543210");
  EXPECT_FALSE(json["remedies"].empty());
}

}  // namespace
}  // namespace gg
