// SPDX-License-Identifier: Apache-2.0
#include "config/environment.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

ValueSource some_values() {
  return {.variable = [](const std::string& name) -> std::optional<std::string> {
            if (name == "PORT") return "8080";
            if (name == "EMPTY") return "";
            return std::nullopt;
          },
          .file = [](const std::string& name) -> Result<std::string, std::string> {
            if (name == "secret.txt") return std::string("s3cret");
            return Failure(std::string("No such file or directory"));
          }};
}

/// The value of "a" afterwards, or the complaints.
std::string substituted(std::string_view value) {
  std::string text = "a: '" + std::string(value) + "'\n";
  ComplaintList complaints("f.yaml", text);
  std::optional<YamlNode> root = parse_yaml(text, complaints);
  substitute(*root, some_values(), complaints);
  if (complaints.has_errors()) return to_text(complaints.take());
  return root->items.at(0).text;
}

TEST(Environment, AVariableStandsForItsValue) {
  EXPECT_EQ(substituted("${PORT}"), "8080");
  EXPECT_EQ(substituted("10.0.0.1:${PORT}/${PORT}."), "10.0.0.1:8080/8080.");
  EXPECT_EQ(substituted("${EMPTY}x"), "x");
}

TEST(Environment, ADefaultStandsInForWhatIsMissingOrEmpty) {
  EXPECT_EQ(substituted("${NAME:-app}"), "app");
  EXPECT_EQ(substituted("${EMPTY:-app}"), "app");
  EXPECT_EQ(substituted("${PORT:-1}"), "8080");
  EXPECT_EQ(substituted("${NAME:-}"), "");
}

TEST(Environment, AFileStandsForItsContent) {
  EXPECT_EQ(substituted("${file:secret.txt}"), "s3cret");
}

TEST(Environment, ADoubledDollarIsOne) {
  EXPECT_EQ(substituted("$${PORT}"), "${PORT}");
  EXPECT_EQ(substituted("^/a$"), "^/a$");
  EXPECT_EQ(substituted("$PORT"), "$PORT");
}

TEST(Environment, WhatIsMissingIsSaidWithItsPlaceAndAWayOut) {
  EXPECT_EQ(substituted("${NAME}"),
            "f.yaml:1:4: a: the environment has no variable NAME\n"
            "  a: '${NAME}'\n"
            "     ^\n"
            "  set it, or give a default: ${NAME:-value}\n");
  EXPECT_TRUE(
      substituted("${file:lost}").contains("the file \"lost\" cannot be read: No such file"));
  EXPECT_TRUE(substituted("${a b}").contains("names no variable"));
  EXPECT_TRUE(substituted("${PORT").contains("does not end"));
}

TEST(Environment, KeysStayAsTheyAre) {
  std::string text = "${PORT}: ['${PORT}', { b: '${PORT}' }]\n";
  ComplaintList complaints("f.yaml", text);
  std::optional<YamlNode> root = parse_yaml(text, complaints);

  substitute(*root, some_values(), complaints);

  EXPECT_EQ(root->items.at(0).key, "${PORT}");
  EXPECT_EQ(root->items[0].items.at(0).text, "8080");
  EXPECT_EQ(root->items[0].items.at(1).items.at(0).text, "8080");
}

TEST(Environment, AValueCannotBecomeAnotherKey) {
  ValueSource evil{
      .variable = [](const std::string&) -> std::optional<std::string> { return "x\nadmin: off"; },
      .file = nullptr};
  std::string text = "a: ${A}\n";
  ComplaintList complaints("f.yaml", text);
  std::optional<YamlNode> root = parse_yaml(text, complaints);

  substitute(*root, evil, complaints);

  EXPECT_EQ(root->items.size(), 1U);
}

}  // namespace
}  // namespace gg
