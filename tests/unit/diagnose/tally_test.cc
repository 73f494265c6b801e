// SPDX-License-Identifier: Apache-2.0
#include "diagnose/logs/tally.h"

#include <gtest/gtest.h>

#include "diagnose/logs/log_reader.h"

namespace gg {
namespace {

using enum Fault;

std::string haproxy_line(std::string_view timer, std::string_view state) {
  return "10.0.1.2:1 [06/Feb/2009:12:14:14.655] f b/s 0/0/0/-1/" + std::string(timer) +
         " 502 212 - - " + std::string(state) + " 1/1/1/1/0 0/0 \"GET /a?b HTTP/1.1\"";
}

TEST(LogTally, ALongWaitRulesTheRaceOut) {
  LogTally tally;
  LogReader reader(tally);
  reader.read_line(haproxy_line("30001", "SH--"));
  reader.read_line(haproxy_line("30004", "SH--"));

  EXPECT_EQ(tally.failures()[0]->causes(), std::vector<Fault>{closed_after_long_wait});
}

TEST(LogTally, AnAnswerlessEndAtOnceIsNoWorkersTimeout) {
  LogTally tally;
  LogReader reader(tally);
  reader.read_line(haproxy_line("3", "SH--"));

  EXPECT_EQ(tally.failures()[0]->causes(),
            (std::vector<Fault>{closed_before_head, keep_alive_race, head_incomplete}));
}

TEST(LogTally, TheCommonestComesFirstAndClientsLast) {
  LogTally tally;
  LogReader reader(tally);
  for (int i = 0; i < 9; ++i) reader.read_line(haproxy_line("3", "CH--"));
  reader.read_line(haproxy_line("3", "PH--"));
  for (int i = 0; i < 2; ++i) reader.read_line(haproxy_line("3", "sH--"));

  auto failures = tally.failures();

  ASSERT_EQ(failures.size(), 3U);
  EXPECT_EQ(failures[0]->causes()[0], head_timeout);
  EXPECT_EQ(failures[1]->causes()[0], head_malformed);
  EXPECT_TRUE(failures[2]->is_about_clients());
  EXPECT_EQ(failures[2]->paths.top(1)[0].first, "/a");
}

TEST(LogTally, ARequestIsJoinedWithItsMessageOnceAndOnlyInTime) {
  LogTally tally;
  LogReader reader(tally);
  reader.read_line(
      "2026/11/22 21:10:03 [error] 3#3: *5 connect() failed (111: Connection refused) while "
      "connecting to upstream, client: 10.0.0.1, server: _, request: \"GET /x HTTP/1.1\", "
      "upstream: "
      "\"http://10.0.0.2:80/x\", host: \"a\"");
  for (const char* time : {"21:10:03", "21:10:03", "20:00:00"}) {
    reader.read_line("10.0.0.1 - - [22/Nov/2026:" + std::string(time) +
                     " +0000] \"GET /x HTTP/1.1\" 502 157 \"-\" \"curl\"");
  }

  tally.join();

  EXPECT_EQ(tally.joined(), 1U);
  EXPECT_EQ(tally.failures()[0]->failed_requests, 1U);
  EXPECT_EQ(tally.unexplained()[0]->count, 2U);
}

TEST(WordCount, KeepsTheCommonestInBoundedMemory) {
  WordCount words;
  for (int i = 0; i < 5000; ++i) words.add("word" + std::to_string(i));
  for (int i = 0; i < 7; ++i) words.add("word1");

  EXPECT_LE(words.different(), 2001U);
  EXPECT_EQ(words.top(2)[1].first, "word1");
}

}  // namespace
}  // namespace gg
