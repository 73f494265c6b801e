// SPDX-License-Identifier: Apache-2.0
#include "diagnose/logs/print_tally.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "diagnose/logs/log_reader.h"
#include "support/golden.h"

namespace gg {
namespace {

void read(LogTally& tally, const std::string& name) {
  LogReader reader(tally);
  std::string path = std::string(GG_SOURCE_DIR) + "/tests/unit/diagnose/logs/" + name;
  ASSERT_TRUE(read_log(open(path.c_str(), O_RDONLY), reader, nullptr));
}

TEST(PrintTally, NginxWithBothLogs) {
  LogTally tally;
  read(tally, "nginx_access.log");
  read(tally, "nginx_error.log");
  tally.join();
  std::vector<ReadFile> files = {{"access.log", "common or combined access log"},
                                 {"error.log", "nginx error log"}};

  EXPECT_TRUE(matches_file(tally_text(tally, files, false),
                           "tests/unit/diagnose/golden/explain_nginx_logs.txt"));
}

TEST(PrintTally, Haproxy) {
  LogTally tally;
  read(tally, "haproxy.log");
  std::vector<ReadFile> files = {{"haproxy.log", "HAProxy log"}};

  EXPECT_TRUE(matches_file(tally_text(tally, files, false),
                           "tests/unit/diagnose/golden/explain_haproxy_log.txt"));
}

TEST(PrintTally, NothingWrongIsSaidSo) {
  LogTally tally;
  LogReader reader(tally);
  reader.read_line("10.0.0.1 - - [22/Nov/2026:21:10:03 +0000] \"GET / HTTP/1.1\" 200 5");

  EXPECT_FALSE(has_trouble(tally));
  EXPECT_TRUE(tally_text(tally, {}, false).starts_with("No failure in these logs.\n"));
}

TEST(PrintTally, JsonHasCausesCountsAndExamples) {
  LogTally tally;
  read(tally, "haproxy.log");

  std::string json = tally_json(tally, {});

  for (const char* part : {"\"name\": \"head_timeout\"", "\"count\": ", "\"examples\": [",
                           "\"unknown_lines\": 0", "\"pattern\": "}) {
    EXPECT_NE(json.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace gg
