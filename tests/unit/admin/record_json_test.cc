// SPDX-License-Identifier: Apache-2.0
#include "admin/record_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "unit/report/example_record.h"

namespace gg {
namespace {

nlohmann::json json_of(const ExchangeRecord& record) {
  FlightRecord kept;
  keep(record, 2, kept);
  return nlohmann::json::parse(to_json(kept));
}

TEST(RecordJson, TellsTheCauseWithItsMeaningAndRemedy) {
  BufferPool pool;
  nlohmann::json json = json_of(failed_record(pool));

  EXPECT_EQ(json["id"], "0123456789abcdeffedcba9876543210");
  EXPECT_EQ(json["time"], "2026-08-01T12:34:56.000789Z");
  EXPECT_EQ(json["outcome"], "failed");
  EXPECT_EQ(json["fault"]["name"], "not_http");
  EXPECT_EQ(json["fault"]["blame"], "operator");
  EXPECT_FALSE(json["fault"]["remedy"].get<std::string>().empty());
  EXPECT_NE(json["retry"].get<std::string>().find("retry budget"), std::string::npos);
  EXPECT_EQ(json["generation"], 2);
}

TEST(RecordJson, EachAttemptHasItsStagesBytesAndEvidence) {
  BufferPool pool;
  nlohmann::json attempts = json_of(failed_record(pool))["attempts"];

  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[0]["fault"]["name"], "connect_refused");
  EXPECT_EQ(attempts[0]["errno"], "ECONNREFUSED (Connection refused)");
  EXPECT_FALSE(attempts[0].contains("connection"));
  EXPECT_EQ(attempts[1]["connect_ms"], 0.15);
  EXPECT_EQ(attempts[1]["bytes_read"], 7);
  EXPECT_EQ(attempts[1]["first_bytes"], "\\x15\\x03\\x01\\x00\\x02\\x02F");
}

TEST(RecordJson, NothingThatAClientSendsBreaksIt) {
  BufferPool pool;
  ExchangeRecord record = plain_record(pool);
  record.target = "/\xff\"\n";
  record.user_agent = "\xc3";

  EXPECT_FALSE(json_of(record).contains("fault"));
}

}  // namespace
}  // namespace gg
