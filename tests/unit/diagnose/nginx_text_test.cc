// SPDX-License-Identifier: Apache-2.0
#include "diagnose/settings/nginx_text.h"

#include <gtest/gtest.h>

#include <map>

namespace gg {
namespace {

class FewFiles final : public SettingsFiles {
 public:
  std::map<std::string, std::string> texts;

  Result<std::string, std::string> read(const std::string& path) override {
    auto found = texts.find(path);
    if (found == texts.end()) return Failure<std::string>("there is no such file");
    return found->second;
  }
  std::vector<std::string> matching(const std::string& pattern) override {
    std::vector<std::string> paths;
    for (const auto& [path, text] : texts) {
      if (pattern == path ||
          (pattern.ends_with("*") && path.starts_with(pattern.substr(0, pattern.size() - 1)))) {
        paths.push_back(path);
      }
    }
    return paths;
  }
};

TEST(NginxText, ReadsDirectivesBlocksQuotesAndComments) {
  FewFiles files;
  NginxSettings settings = read_nginx_settings(
      "user www; # not; this {\nhttp {\n  log_format m '$x \"y\";' \"a\\\"b\";\n  server { listen "
      "80; "
      "}\n}\n",
      "/etc/nginx.conf", files);

  ASSERT_EQ(settings.error, "");
  ASSERT_EQ(settings.directives.size(), 2U);
  const NginxDirective& http = settings.directives[1];
  EXPECT_EQ(http.line, 2);
  EXPECT_EQ(http.block[0].values, (std::vector<std::string>{"m", "$x \"y\";", "a\"b"}));
  EXPECT_EQ(http.block[1].block[0].name, "listen");
  EXPECT_EQ(http.block[1].line, 4);
}

TEST(NginxText, FollowsIncludesBesideTheFile) {
  FewFiles files;
  files.texts["/etc/nginx/conf.d/a.conf"] = "upstream a { server 10.0.0.1; }";
  files.texts["/etc/nginx/conf.d/b.conf"] = "upstream b { server 10.0.0.2; }";

  NginxSettings settings =
      read_nginx_settings("http { include conf.d/*; }", "/etc/nginx/nginx.conf", files);

  ASSERT_EQ(settings.directives[0].block.size(), 2U);
  EXPECT_EQ(settings.directives[0].block[1].file, "/etc/nginx/conf.d/b.conf");
  EXPECT_EQ(settings.files.size(), 3U);
}

TEST(NginxText, AFileThatIncludesItselfEnds) {
  FewFiles files;
  files.texts["/a"] = "include /a;";

  NginxSettings settings = read_nginx_settings("include /a;", "/a", files);

  EXPECT_LT(settings.files.size(), 100U);
}

TEST(NginxText, WhatIsNotEndedIsNamedWithItsLine) {
  FewFiles files;

  EXPECT_EQ(read_nginx_settings("http {\n  server {\n", "f", files).error, "f:3: a } is missing");
  EXPECT_EQ(read_nginx_settings("user www", "f", files).error, "f:1: \"user\" is not ended by a ;");
  EXPECT_EQ(read_nginx_settings("}", "f", files).error, "f:1: there is a } too many");
}

}  // namespace
}  // namespace gg
