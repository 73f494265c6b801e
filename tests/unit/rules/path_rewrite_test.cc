// SPDX-License-Identifier: Apache-2.0
#include "rules/path_rewrite.h"

#include <gtest/gtest.h>

#include "rules_request.h"

namespace gg {
namespace {

/// The target that the endpoint gets, or "refused".
std::string sent(const RewriteConfig& config, std::string_view target) {
  RulesRequest request(RulesRequest::get(target));
  return PathRewrite(config).target_for(request.head()).value_or("refused");
}

const RewriteConfig strip_api{.strip_prefix = "/api"};

TEST(PathRewrite, APrefixIsTakenOffByWholeSegments) {
  EXPECT_EQ(sent(strip_api, "/api/x"), "/x");
  EXPECT_EQ(sent(strip_api, "/api"), "/");
  EXPECT_EQ(sent(strip_api, "/api/"), "/");
  EXPECT_EQ(sent(strip_api, "/apix/y"), "/apix/y");
  EXPECT_EQ(sent(strip_api, "/other"), "/other");
}

TEST(PathRewrite, TheQueryStays) {
  EXPECT_EQ(sent(strip_api, "/api/x?a=/api/b"), "/x?a=/api/b");
  EXPECT_EQ(sent(strip_api, "/api?"), "/?");
}

TEST(PathRewrite, AnotherPrefixTakesItsPlace) {
  RewriteConfig config{.strip_prefix = "/api", .add_prefix = "/v2"};

  EXPECT_EQ(sent(config, "/api/x"), "/v2/x");
  EXPECT_EQ(sent(config, "/api"), "/v2/");
  EXPECT_EQ(sent({.add_prefix = "/v2"}, "/x//y"), "/v2/x//y");
}

TEST(PathRewrite, APrefixIsFoundInEverySpellingThatItsRouteIsFoundBy) {
  EXPECT_EQ(sent(strip_api, "/%61pi/x"), "/x");
  EXPECT_EQ(sent(strip_api, "/./api/x"), "/x");
  EXPECT_EQ(sent(strip_api, "//api/x"), "/x");
}

TEST(PathRewrite, WhatIsBehindThePrefixStaysAsItWasSpelled) {
  EXPECT_EQ(sent(strip_api, "/api/%7Ejoe/a%20b;v=1"), "/%7Ejoe/a%20b;v=1");
}

TEST(PathRewrite, NothingIsLeftThatLeadsAboveTheRoot) {
  EXPECT_EQ(sent(strip_api, "/api/../admin"), "refused");
  EXPECT_EQ(sent(strip_api, "/api/%2e%2e/admin"), "refused");
  EXPECT_EQ(sent(strip_api, "/api/x/..%2f..%2fadmin"), "refused");
}

TEST(PathRewrite, NothingIsLeftThatLooksLikeAHost) {
  EXPECT_EQ(sent(strip_api, "/api//evil.example/x"), "/evil.example/x");
}

TEST(PathRewrite, AnExpressionMakesAPathOfItsGroups) {
  RewriteConfig config{.regex = "^/users/([0-9]+)/(.*)$", .to = "/u/\\2/\\1"};

  EXPECT_EQ(sent(config, "/users/42/books?p=1"), "/u/books/42?p=1");
  EXPECT_EQ(sent(config, "/users/x/books"), "/users/x/books");
}

TEST(PathRewrite, AnExpressionMayWriteAQuery) {
  RewriteConfig config{.regex = "^/users/([0-9]+)$", .to = "/u?id=\\1"};

  EXPECT_EQ(sent(config, "/users/42"), "/u?id=42");
  EXPECT_EQ(sent(config, "/users/42?p=1"), "/u?id=42&p=1");
  EXPECT_EQ(sent(config, "/users/42?"), "/u?id=42");
}

TEST(PathRewrite, AnExpressionCannotMakeAHostOfAPath) {
  EXPECT_EQ(sent({.regex = "^/go/(.*)$", .to = "/\\1"}, "/go/%2Fevil"), "/%2Fevil");
  EXPECT_EQ(sent({.regex = "^(.*)$", .to = "/\\1"}, "/evil"), "/evil");
}

TEST(PathRewrite, TheAsteriskOfOptionsStays) {
  RulesRequest request("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");

  EXPECT_EQ(PathRewrite({.add_prefix = "/v2"}).target_for(request.head()), "*");
}

}  // namespace
}  // namespace gg
