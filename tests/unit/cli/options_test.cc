// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <gtest/gtest.h>

#include <array>

namespace gg {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::CaptureStdout;
using ::testing::internal::GetCapturedStderr;
using ::testing::internal::GetCapturedStdout;

class OptionsTest : public testing::Test {
 protected:
  OptionsTest() {
    options_.text("-c,--config", config_, "FILE", "The configuration");
    options_.number("--threads", threads_, "N", "Workers");
    options_.repeated("--to", to_, "URL", "Endpoints");
    options_.flag("--json", json_, "As JSON");
    options_.flag("--effective", effective_, "With defaults");
    options_.text("--key", key_, "FILE", "A key");
    options_.texts("words", words_, "WORD", "Anything");
    options_.excludes("--effective", "--json");
    options_.needs("--key", "--config");
  }

  template <class... Words>
  std::optional<int> read(Words... words) {
    std::array<const char*, 1 + sizeof...(words)> arguments = {"try", words...};
    CaptureStdout();
    CaptureStderr();
    std::optional<int> status = options_.read(arguments);
    out_ = GetCapturedStdout();
    err_ = GetCapturedStderr();
    return status;
  }

  Options options_{"Tries things.", "goodgate try", "Examples:\n  goodgate try\n"};
  std::string config_ = "as it was";
  std::string key_;
  std::optional<std::uint32_t> threads_;
  std::vector<std::string> to_;
  std::vector<std::string> words_;
  bool json_ = false;
  bool effective_ = false;
  std::string out_;
  std::string err_;
};

TEST_F(OptionsTest, NothingGivenChangesNothing) {
  EXPECT_EQ(read(), std::nullopt);
  EXPECT_EQ(config_, "as it was");
  EXPECT_EQ(threads_, std::nullopt);
  EXPECT_FALSE(json_);
}

TEST_F(OptionsTest, EachKindIsFilled) {
  EXPECT_EQ(read("-c", "a.yaml", "--threads", "3", "--to", "x", "one", "--to=y", "--json", "two"),
            std::nullopt);
  EXPECT_EQ(config_, "a.yaml");
  EXPECT_EQ(threads_, 3U);
  EXPECT_EQ(to_, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(words_, (std::vector<std::string>{"one", "two"}));
  EXPECT_TRUE(json_);
}

TEST_F(OptionsTest, HelpShowsNamesFormsAndExamples) {
  EXPECT_EQ(read("--help"), exit_fine);
  EXPECT_NE(out_.find("-c,--config FILE"), std::string::npos);
  EXPECT_NE(out_.find("Examples:\n  goodgate try"), std::string::npos);
}

TEST_F(OptionsTest, MisuseIsSaidWithAWayToHelp) {
  EXPECT_EQ(read("--threads", "many"), exit_used_wrongly);
  EXPECT_NE(err_.find("many"), std::string::npos);
  EXPECT_NE(err_.find("`goodgate try --help` shows how"), std::string::npos);
}

TEST_F(OptionsTest, WhatExcludesEachOtherIsRefused) {
  EXPECT_EQ(read("--json", "--effective"), exit_used_wrongly);
}

TEST_F(OptionsTest, WhatIsNeededIsAskedFor) {
  EXPECT_EQ(read("--key", "k.pem"), exit_used_wrongly);
  EXPECT_EQ(read("--key", "k.pem", "-c", "a.yaml"), std::nullopt);
}

}  // namespace
}  // namespace gg
