// SPDX-License-Identifier: Apache-2.0
#include "report/log_field.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "unit/report/example_record.h"

namespace gg {
namespace {

TEST(LogFields, AreFoundByName) {
  ASSERT_NE(find_log_field("status"), nullptr);
  EXPECT_EQ(find_log_field("status")->name, "status");
  EXPECT_EQ(find_log_field("Status"), nullptr);
  EXPECT_EQ(find_log_field(""), nullptr);
}

TEST(LogFields, AFieldWithoutAValueWritesNothing) {
  const ExchangeRecord record;
  LogTime time;
  std::array<char, 4096> room;
  for (const LogField& field : log_fields()) {
    LineWriter out(room, LogStyle::json);
    const bool has_value = field.write(out, {record, time});
    EXPECT_EQ(has_value, out.size() > 0) << field.name;
  }
}

TEST(LogFields, ThePeerIsLeftOutOfJsonIfItIsTheClient) {
  BufferPool pool;
  const ExchangeRecord record = plain_record(pool);
  LogTime time;
  std::array<char, 256> room;
  LineWriter json(room, LogStyle::json);
  EXPECT_FALSE(find_log_field("peer")->write(json, {record, time}));

  LineWriter text(room, LogStyle::text);
  EXPECT_TRUE(find_log_field("peer")->write(text, {record, time}));
}

}  // namespace
}  // namespace gg
