// SPDX-License-Identifier: Apache-2.0
#include "http1/target.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

bool fits(Method method, std::string_view target) {
  TargetParts parts;
  return split_target(method, target, parts);
}

TEST(Target, OriginFormIsAPathAndPerhapsAQuery) {
  TargetParts parts;

  ASSERT_TRUE(split_target(Method::get, "//a/b?c?d", parts));

  EXPECT_EQ(parts.form, TargetForm::origin);
  EXPECT_EQ(parts.path, "//a/b");
  EXPECT_EQ(parts.query, "c?d");
}

TEST(Target, AnEmptyQueryIsNotNone) {
  TargetParts with;
  TargetParts without;

  ASSERT_TRUE(split_target(Method::get, "/?", with));
  ASSERT_TRUE(split_target(Method::get, "/", without));

  EXPECT_TRUE(with.has_query);
  EXPECT_FALSE(without.has_query);
}

TEST(Target, AbsoluteFormGivesAuthorityAndPath) {
  TargetParts parts;

  ASSERT_TRUE(split_target(Method::get, "HTTPS://shop.example:8443/x?y", parts));

  EXPECT_EQ(parts.form, TargetForm::absolute);
  EXPECT_EQ(parts.authority, "shop.example:8443");
  EXPECT_EQ(parts.path, "/x");
  EXPECT_EQ(parts.query, "y");
}

TEST(Target, AnAbsoluteTargetWithoutPathMeansTheRoot) {
  TargetParts parts;

  ASSERT_TRUE(split_target(Method::get, "http://a?hail=all", parts));

  EXPECT_EQ(parts.path, "/");
  EXPECT_EQ(parts.query, "hail=all");
}

TEST(Target, OptionsOfAnAbsoluteTargetWithoutPathMeansTheServer) {
  TargetParts bare;
  TargetParts with_query;

  ASSERT_TRUE(split_target(Method::options, "http://a:80", bare));
  ASSERT_TRUE(split_target(Method::options, "http://a:80?q", with_query));

  EXPECT_EQ(bare.path, "*");
  EXPECT_EQ(with_query.path, "/");
}

TEST(Target, TheAsteriskIsForOptionsOnly) {
  EXPECT_TRUE(fits(Method::options, "*"));
  EXPECT_FALSE(fits(Method::get, "*"));
  EXPECT_FALSE(fits(Method::other, "*"));
  EXPECT_FALSE(fits(Method::options, "*x"));
}

TEST(Target, ConnectNeedsHostAndPort) {
  TargetParts parts;

  ASSERT_TRUE(split_target(Method::connect, "[::1]:443", parts));

  EXPECT_EQ(parts.form, TargetForm::authority);
  EXPECT_EQ(parts.authority, "[::1]:443");
  EXPECT_EQ(parts.path, "");
  EXPECT_FALSE(fits(Method::connect, "host"));
  EXPECT_FALSE(fits(Method::connect, "host:"));
  EXPECT_FALSE(fits(Method::connect, ":443"));
  EXPECT_FALSE(fits(Method::connect, "/path"));
  EXPECT_FALSE(fits(Method::connect, "http://host:443"));
}

TEST(Target, OnlyConnectHasAuthorityForm) {
  EXPECT_FALSE(fits(Method::get, "host:443"));
  EXPECT_FALSE(fits(Method::get, "path/without/slash"));
}

TEST(Target, AnAbsoluteTargetNeedsAPlainHost) {
  EXPECT_FALSE(fits(Method::get, "http://"));
  EXPECT_FALSE(fits(Method::get, "http:///x"));
  EXPECT_FALSE(fits(Method::get, "http://:80/"));
  EXPECT_FALSE(fits(Method::get, "http://user@host/"));
  EXPECT_FALSE(fits(Method::get, "http://host:x/"));
  EXPECT_FALSE(fits(Method::get, "http:/host/"));
  EXPECT_FALSE(fits(Method::get, "ftp://host/"));
}

}  // namespace
}  // namespace gg
