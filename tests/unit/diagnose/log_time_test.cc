// SPDX-License-Identifier: Apache-2.0
#include "diagnose/logs/log_time.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr LogTime expected = 1'795'381'803'000;  // 2026-11-22 21:10:03 UTC

TEST(LogTime, ReadsEachProgramsSpelling) {
  EXPECT_EQ(parse_common_time("22/Nov/2026:21:10:03 +0000] x"), expected);
  EXPECT_EQ(parse_common_time("22/Nov/2026:23:10:03 +0200"), expected);
  EXPECT_EQ(parse_haproxy_time("22/Nov/2026:21:10:03.250]"), expected + 250);
  EXPECT_EQ(parse_nginx_time("2026/11/22 21:10:03 [error]"), expected);
  EXPECT_EQ(parse_rfc3339("2026-11-22T21:10:03.123456Z"), expected + 123);
  EXPECT_EQ(parse_rfc3339("2026-11-22T16:10:03-05:00"), expected);
  EXPECT_EQ(parse_apache_time("Sun Nov 22 21:10:03.902022 2026]"), expected + 902);
  EXPECT_EQ(parse_unix_seconds("1795381803.5"), expected + 500);
}

TEST(LogTime, OtherTextIsNone) {
  for (std::string_view text :
       {"", "x", "22/Nov/2026", "22/Xxx/2026:21:10:03 +0000", "2026/13/22 21:10:03",
        "2026-11-22T99:10:03Z", "aa/Nov/2026:21:10:03 "}) {
    EXPECT_FALSE(parse_common_time(text)) << text;
    EXPECT_FALSE(parse_nginx_time(text)) << text;
    EXPECT_FALSE(parse_rfc3339(text)) << text;
    EXPECT_FALSE(parse_apache_time(text)) << text;
  }
}

TEST(LogTime, IsWrittenAsPeopleReadIt) {
  EXPECT_EQ(format_log_time(expected + 999), "2026-11-22 21:10:03");
  EXPECT_EQ(format_log_time(1'709'164'800'000), "2024-02-29 00:00:00");
  EXPECT_EQ(format_log_time(0), "-");
}

}  // namespace
}  // namespace gg
