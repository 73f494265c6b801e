// SPDX-License-Identifier: Apache-2.0
#include "config/print.h"

#include <gtest/gtest.h>

#include "config/load.h"
#include "golden.h"

namespace gg {
namespace {

class PrintedFile : public testing::TestWithParam<const char*> {};

TEST_P(PrintedFile, LoadsAsTheSameConfigurationAgain) {
  std::string text = read_whole(source_folder() / "tests/config" / GetParam());
  LoadResult first = load_config(text, GetParam());
  ASSERT_TRUE(first);

  std::string printed = to_text(*first->config);
  LoadResult second = load_config(printed, "printed");

  ASSERT_TRUE(second) << to_text(second.error()) << printed;
  EXPECT_EQ(*first->config, *second->config) << printed;
  EXPECT_EQ(to_text(*second->config), printed);
}

INSTANTIATE_TEST_SUITE_P(Files, PrintedFile,
                         testing::Values("good_smallest.yaml", "good_short_forms.yaml",
                                         "good_full.yaml", "good_anchors.yaml",
                                         "good_with_warnings.yaml"));

TEST(Print, TextThatYamlWouldTakeForSomethingElseIsQuoted) {
  Config config;
  config.upstreams.push_back({.name = "off", .endpoints = {}});
  config.routes.push_back({.headers = {{.name = "x-a", .text = "a\"b\\c"}}, .to = "off"});

  std::string text = to_text(config);

  EXPECT_NE(text.find("x-a: { exact: \"a\\\"b\\\\c\" }"), std::string::npos) << text;
  EXPECT_NE(text.find("to: \"off\""), std::string::npos) << text;
  EXPECT_NE(text.find("\"off\":"), std::string::npos) << text;
}

}  // namespace
}  // namespace gg
