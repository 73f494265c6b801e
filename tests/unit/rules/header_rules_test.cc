// SPDX-License-Identifier: Apache-2.0
#include "rules/header_rules.h"

#include <gtest/gtest.h>

#include "rules_request.h"

namespace gg {
namespace {

bool removes(const HeaderRules& rules, std::string_view name) {
  return rules.removes({name, "v", field_name_of(name)});
}

TEST(HeaderRules, WhatIsRemovedOrSetGoesInAnyCase) {
  HeaderRules rules({.remove = {"x-debug", "user-agent"}, .set = {{"X-Team", "red"}}});

  EXPECT_TRUE(removes(rules, "X-Debug"));
  EXPECT_TRUE(removes(rules, "USER-AGENT"));
  EXPECT_TRUE(removes(rules, "x-team"));
  EXPECT_FALSE(removes(rules, "X-Debug-2"));
  EXPECT_FALSE(removes(rules, "Referer"));
}

TEST(HeaderRules, WhatIsAddedStandsBesideWhatIsThere) {
  HeaderRules rules({.add = {{"X-Team", "red"}}});

  EXPECT_FALSE(removes(rules, "X-Team"));
  ASSERT_EQ(rules.written().size(), 1U);
}

TEST(HeaderRules, WhatIsSetIsWrittenBeforeWhatIsAddedAndInTheOrderOfTheFile) {
  HeaderRules rules({.set = {{"B", "1"}, {"A", "{client}"}}, .add = {{"User-Agent", "2"}}});
  RulesRequest request(RulesRequest::get("/"));

  ASSERT_EQ(rules.written().size(), 3U);
  EXPECT_EQ(rules.written()[0].name, "B");
  EXPECT_EQ(rules.written()[1].name, "A");
  EXPECT_EQ(rules.written()[2].id, FieldName::user_agent);
  EXPECT_EQ(rules.text_size(request.view()), 1 + std::string_view("192.0.2.7").size() + 1);
}

TEST(HeaderRules, NoChangesAreNone) {
  HeaderRules rules((HeaderChanges()));

  EXPECT_TRUE(rules.empty());
}

}  // namespace
}  // namespace gg
