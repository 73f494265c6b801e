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

TEST(Print, OriginsAreCommentsThatChangeNothing) {
  LoadResult loaded =
      load_config("listeners: [':8080']\nupstreams:\n  app: { endpoints: 10.0.0.1:3000 }\n", "f");
  ASSERT_TRUE(loaded);

  std::string text = to_text_with_origins(*loaded->config);

  EXPECT_TRUE(text.contains("  - address: \":8080\"  # f:1\n")) << text;
  EXPECT_TRUE(text.contains("url: \"http://10.0.0.1:3000\"  # f:3\n")) << text;
  EXPECT_TRUE(text.contains("threads: auto\n")) << text;
  LoadResult again = load_config(text, "printed");
  ASSERT_TRUE(again) << to_text(again.error());
  EXPECT_EQ(*again->config, *loaded->config);
}

TEST(Print, ForAScreenSecretsAreDots) {
  Config config;
  config.redis = RedisConfig{.password = "open sesame"};
  config.upstreams.push_back({.name = "app", .endpoints = {}});
  config.upstreams[0].balance.sticky = StickyConfig{.cookie = "route", .secret = "long and random"};
  config.routes.push_back({.to = "app"});
  config.routes[0].rules.basic_auth =
      BasicAuthConfig{.users = {{.name = "annabel", .text = "$2y$05$"}}};

  std::string text = to_text_with_origins(config);

  EXPECT_TRUE(text.contains("password: \"…\"\n")) << text;
  EXPECT_TRUE(text.contains("secret: \"…\"\n")) << text;
  EXPECT_TRUE(text.contains("users: \"…\"\n")) << text;
  for (std::string_view secret : {"sesame", "long and", "annabel", "$2y$"}) {
    EXPECT_FALSE(text.contains(secret)) << secret;
    EXPECT_TRUE(to_text(config).contains(secret)) << secret;
  }
}

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
