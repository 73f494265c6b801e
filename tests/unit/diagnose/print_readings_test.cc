// SPDX-License-Identifier: Apache-2.0
#include "diagnose/codes/print_readings.h"

#include <gtest/gtest.h>

#include "support/golden.h"

namespace gg {
namespace {

std::string text_of(std::string_view typed) {
  return readings_text(typed, find_readings(typed), false);
}

TEST(PrintReadings, OneCauseWithEverythingAboutIt) {
  EXPECT_TRUE(matches_file(text_of("H1"), "tests/unit/diagnose/golden/explain_H1.txt"));
}

TEST(PrintReadings, SeveralCausesAndWhatTellsThemApart) {
  EXPECT_TRUE(matches_file(text_of("SH--"), "tests/unit/diagnose/golden/explain_SH.txt"));
}

TEST(PrintReadings, SeveralReadings) {
  EXPECT_TRUE(matches_file(text_of("7"), "tests/unit/diagnose/golden/explain_7.txt"));
}

TEST(PrintReadings, ColourIsForTerminalsOnly) {
  std::vector<Reading> readings = find_readings("H1");

  EXPECT_NE(readings_text("H1", readings, true).find("\033[1m"), std::string::npos);
  EXPECT_EQ(readings_text("H1", readings, false).find('\033'), std::string::npos);
}

TEST(PrintReadings, WhatWasTypedIsNotObeyedByATerminal) {
  std::string typed = "connect() failed (111: \x1b[31m";

  EXPECT_EQ(readings_text(typed, find_readings(typed), false).find('\033'), std::string::npos);
}

TEST(PrintReadings, JsonNamesCausesBlameAndRemedy) {
  std::string json = readings_json("UF\xff", find_readings("N1"));

  EXPECT_NE(json.find("\"name\": \"connect_refused\""), std::string::npos);
  EXPECT_NE(json.find("\"blame\": \"upstream\""), std::string::npos);
}

}  // namespace
}  // namespace gg
