// SPDX-License-Identifier: Apache-2.0
#include "config/yaml.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(Yaml, EveryNodeKnowsWhereItStands) {
  std::string_view text = "a: 1\nb:\n  - x\n  - { c: y }\n";
  ComplaintList complaints("f", text);

  std::optional<YamlNode> root = parse_yaml(text, complaints);

  ASSERT_TRUE(root);
  ASSERT_EQ(root->items.size(), 2U);
  EXPECT_EQ(root->items[0].key, "a");
  EXPECT_EQ(root->items[0].key_mark, (Mark{1, 1}));
  EXPECT_EQ(root->items[0].mark, (Mark{1, 4}));
  const YamlNode& list = root->items[1];
  ASSERT_EQ(list.kind, YamlNode::Kind::list);
  EXPECT_EQ(list.items[0].text, "x");
  EXPECT_EQ(list.items[0].mark, (Mark{3, 5}));
  EXPECT_EQ(list.items[1].items[0].key_mark, (Mark{4, 7}));
  EXPECT_FALSE(complaints.has_errors());
}

TEST(Yaml, QuotedWordsStayText) {
  std::string_view text = "[~, null, 'null', \"~\", '']";
  ComplaintList complaints("f", text);

  std::optional<YamlNode> root = parse_yaml(text, complaints);

  ASSERT_TRUE(root);
  ASSERT_EQ(root->items.size(), 5U);
  EXPECT_EQ(root->items[0].kind, YamlNode::Kind::null);
  EXPECT_EQ(root->items[1].kind, YamlNode::Kind::null);
  EXPECT_EQ(root->items[2].kind, YamlNode::Kind::scalar);
  EXPECT_EQ(root->items[3].text, "~");
  EXPECT_EQ(root->items[4].kind, YamlNode::Kind::scalar);
}

TEST(Yaml, AnAliasIsWhatItsAnchorHolds) {
  std::string_view text = "a: &x { k: v }\nb: *x\n";
  ComplaintList complaints("f", text);

  std::optional<YamlNode> root = parse_yaml(text, complaints);

  ASSERT_TRUE(root);
  EXPECT_EQ(root->items[1].key, "b");
  EXPECT_EQ(root->items[1].items[0].text, "v");
}

TEST(Yaml, ARepeatedKeyIsAComplaintAndTheRestIsStillRead) {
  std::string_view text = "a: 1\na: 2\nb: 3\n";
  ComplaintList complaints("f", text);

  std::optional<YamlNode> root = parse_yaml(text, complaints);

  ASSERT_TRUE(root);
  ASSERT_EQ(root->items.size(), 2U);
  EXPECT_EQ(root->items[0].text, "1");
  EXPECT_EQ(to_text(complaints.take()),
            "f:2:1: the key \"a\" is repeated here\n  a: 2\n  ^\n  keep one of the two\n");
}

TEST(Yaml, ThirtyTwoLevelsAreReadAndNoMore) {
  std::string fits = std::string(32, '[') + std::string(32, ']');
  std::string too_deep = std::string(33, '[') + std::string(33, ']');
  ComplaintList complaints("f", "");

  EXPECT_TRUE(parse_yaml(fits, complaints));
  EXPECT_FALSE(complaints.has_errors());
  EXPECT_FALSE(parse_yaml(too_deep, complaints));
  EXPECT_TRUE(complaints.has_errors());
}

TEST(Yaml, AliasesDoNotMakeItDeeper) {
  std::string deep = "a: &a " + std::string(20, '[') + std::string(20, ']') + "\n";
  std::string text = deep + "b: " + std::string(20, '[') + "*a" + std::string(20, ']') + "\n";
  ComplaintList complaints("f", text);

  EXPECT_FALSE(parse_yaml(text, complaints));
  EXPECT_EQ(complaints.take()[0].problem, "nested deeper than 32 levels");
}

TEST(Yaml, TenThousandEndpointsAreNoBomb) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "- { url: http://10.0.0.1:3000, weight: 2, tier: 1 }\n";
  ComplaintList complaints("f", text);

  std::optional<YamlNode> root = parse_yaml(text, complaints);

  ASSERT_TRUE(root);
  EXPECT_EQ(root->items.size(), 10'000U);
}

}  // namespace
}  // namespace gg
