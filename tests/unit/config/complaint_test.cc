// SPDX-License-Identifier: Apache-2.0
#include "config/complaint.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr std::string_view known[] = {"balance", "endpoints", "health", "retry", "to"};

TEST(Complaint, ShowsThePlaceTheLineTheCaretAndTheRemedy) {
  Complaint complaint{.place = {"goodgate.yaml", {14, 17}, "      interval: 5"},
                      .path = "upstreams.orders.health.interval",
                      .problem = "\"5\" has no unit",
                      .remedy = "write a duration such as 500ms, 5s or 2m"};

  EXPECT_EQ(to_text(complaint),
            "goodgate.yaml:14:17: upstreams.orders.health.interval: \"5\" has no unit\n"
            "        interval: 5\n"
            "                  ^\n"
            "  write a duration such as 500ms, 5s or 2m\n");
}

TEST(Complaint, IsAJsonObjectForPrograms) {
  Complaint complaint{.severity = Severity::warning,
                      .place = {"f", {2, 3}, "x"},
                      .path = "a.b",
                      .problem = "p",
                      .remedy = "r"};

  EXPECT_EQ(to_json(std::span(&complaint, 1)),
            "[\n  {\n    \"severity\": \"warning\",\n    \"file\": \"f\",\n    \"line\": 2,\n"
            "    \"column\": 3,\n    \"path\": \"a.b\",\n    \"problem\": \"p\",\n"
            "    \"remedy\": \"r\"\n  }\n]");
}

TEST(Complaint, BrokenUtf8StillMakesValidJson) {
  Complaint complaint{.place = {"f", {1, 1}, ""}, .path = "", .problem = "\xff", .remedy = ""};

  EXPECT_NE(to_json(std::span(&complaint, 1)).find("\xEF\xBF\xBD"), std::string::npos);
}

TEST(Complaint, TheCaretStandsUnderTheCharacterNotTheByte) {
  Complaint complaint{.place = {"f", {1, 3}, "éé!"}, .path = "", .problem = "p", .remedy = ""};

  EXPECT_EQ(to_text(complaint), "f:1:3: p\n  éé!\n    ^\n");
}

TEST(Complaint, ALongLineIsCutToWhatSurroundsTheCaret) {
  std::string line = std::string(500, 'a') + "X" + std::string(500, 'b');
  Complaint complaint{.place = {"f", {1, 501}, line}, .path = "", .problem = "p", .remedy = ""};

  std::string expected = "f:1:501: p\n  " + std::string(48, 'a') + "X" + std::string(47, 'b') +
                         "\n  " + std::string(48, ' ') + "^\n";
  EXPECT_EQ(to_text(complaint), expected);
}

TEST(Complaint, TheNearestNameIsOfferedWhenItIsNear) {
  EXPECT_EQ(closest("balence", known), "balance");
  EXPECT_EQ(closest("edpoints", known), "endpoints");
  EXPECT_EQ(closest("rerty", known), "retry");
  EXPECT_EQ(closest("ot", known), "to");
  EXPECT_EQ(closest("xy", known), std::nullopt);
  EXPECT_EQ(closest("something", known), std::nullopt);
  EXPECT_EQ(closest("", known), std::nullopt);
  EXPECT_EQ(closest(std::string(100'000, 'a'), known), std::nullopt);
}

TEST(Complaint, TextFromTheFileCannotSteerATerminal) {
  EXPECT_EQ(in_quotes("a\x1b[31mb\n"), "\"a?[31mb?\"");
  EXPECT_EQ(in_quotes(std::string(100, 'x')), "\"" + std::string(60, 'x') + "...\"");
}

TEST(Complaint, ListsAreOrderedByPlace) {
  ComplaintList list("f", "one\ntwo\nthree\n");
  list.error({3, 1}, "c", "last", "");
  list.warning({1, 2}, "a", "first", "");
  list.error({2, 5}, "b", "middle", "");

  EXPECT_TRUE(list.has_errors());
  std::vector<Complaint> complaints = list.take();

  ASSERT_EQ(complaints.size(), 3U);
  EXPECT_EQ(complaints[0].problem, "first");
  EXPECT_EQ(complaints[0].place.source_line, "one");
  EXPECT_EQ(complaints[1].problem, "middle");
  EXPECT_EQ(complaints[2].problem, "last");
  EXPECT_FALSE(list.has_errors());
}

TEST(Complaint, WarningsAloneAreNoErrors) {
  ComplaintList list("f", "");

  list.warning({}, "a", "careful", "");

  EXPECT_FALSE(list.has_errors());
}

TEST(Complaint, AFloodIsCutAndCounted) {
  ComplaintList list("f", "");
  for (int i = 0; i < 1000; ++i) list.error({i + 1, 1}, "", "wrong", "");

  std::vector<Complaint> complaints = list.take();

  ASSERT_EQ(complaints.size(), ComplaintList::complaints_most + 1);
  EXPECT_EQ(complaints.back().problem, "800 more problems are not shown");
}

TEST(Complaint, LineEndsOfWindowsAreNotShown) {
  ComplaintList list("f", "one\r\ntwo\r\n");
  list.error({2, 1}, "", "wrong", "");

  EXPECT_EQ(to_text(list.take()), "f:2:1: wrong\n  two\n  ^\n");
}

}  // namespace
}  // namespace gg
