// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "config/formats.h"
#include "config/rules_model.h"

namespace gg {
namespace {

TEST(AuthFormats, AUsersNameHasNoColon) {
  std::string name;

  EXPECT_FALSE(user_name_format.parse("ann lee", &name));
  EXPECT_EQ(name, "ann lee");
  EXPECT_TRUE(user_name_format.parse("ann:lee", &name));
  EXPECT_TRUE(user_name_format.parse("", &name));
  EXPECT_TRUE(user_name_format.parse("ann\n", &name));
}

TEST(AuthFormats, ARealmNeedsNoEscapes) {
  std::string realm;

  EXPECT_FALSE(realm_format.parse("the shop's back door", &realm));
  EXPECT_EQ(realm, "the shop's back door");
  EXPECT_TRUE(realm_format.parse("the \"shop\"", &realm));
  EXPECT_TRUE(realm_format.parse("a\\b", &realm));
  EXPECT_TRUE(realm_format.parse("", &realm));
}

TEST(AuthFormats, AHashBecomesTheUsers) {
  BasicUser user{.name = "ann", .text = {}};
  std::string hash = "$5$saltsalt$" + std::string(43, 'x');

  EXPECT_FALSE(password_hash_format.parse(hash, &user));
  EXPECT_EQ(user.text, hash);
  EXPECT_TRUE(password_hash_format.parse("secret", &user));
  EXPECT_EQ(user.text, hash);
}

}  // namespace
}  // namespace gg
