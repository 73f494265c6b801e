// SPDX-License-Identifier: Apache-2.0
#include "report/documents.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/log_layout.h"
#include "support/golden.h"
#include "unit/report/example_record.h"

namespace gg {
namespace {

TEST(Documents, TheAccessLogsIsCurrent) {
  EXPECT_TRUE(matches_file(access_log_document(), "docs/access-log.md"));
}

TEST(Documents, TheMetricsIsCurrent) {
  EXPECT_TRUE(matches_file(metrics_document(), "docs/metrics.md"));
}

TEST(Documents, EveryMemberOfAnAttemptIsExplained) {
  BufferPool pool;
  ExchangeRecord record = failed_record(pool);
  AttemptRecord& attempt = record.last_attempt();
  attempt.tls = attempt.idle_age = 1ms;
  attempt.reused = true;
  attempt.error_number = 104;
  attempt.protocol_code = 40;
  attempt.verify_code = 10;
  attempt.status = 200;
  LogTime time;
  std::string room(LogLayout::longest_line, '\0');
  room.resize(LogLayout::json().write(room, {record, time}));

  const std::string document = access_log_document();
  const std::string attempts = document.substr(document.find("## attempts"));
  for (const auto& [key, value] : nlohmann::json::parse(room)["attempts"][1].items()) {
    EXPECT_NE(attempts.find(key), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace gg
