// SPDX-License-Identifier: Apache-2.0
#include "rules/redirect.h"

#include <gtest/gtest.h>

#include "rules_request.h"

namespace gg {
namespace {

/// The Location for a GET by `scheme`, or "-" if there is no redirection.
std::string location(std::string_view to, std::string_view target,
                     std::string_view scheme = "http") {
  RulesRequest request(RulesRequest::get(target));
  Redirect redirect({.to = std::string(to)});
  return redirect.location_for(request.view(scheme)).value_or("-");
}

TEST(Redirect, ToHttpsKeepsHostPathAndQueryAndDropsThePort) {
  EXPECT_EQ(location("https", "/a?b=c"), "https://shop.example/a?b=c");
}

TEST(Redirect, WhoSpeaksHttpsAlreadyIsNotSentThere) {
  EXPECT_EQ(location("https", "/", "https"), "-");
}

TEST(Redirect, ToAnotherHostHappensByEveryScheme) {
  EXPECT_EQ(location("https://www.shop.example{target}", "/a", "https"),
            "https://www.shop.example/a");
}

TEST(Redirect, WhatTheClientWroteIsEscaped) {
  EXPECT_EQ(location("https", "/a\\b\"<>`"), "https://shop.example/a%5Cb%22%3C%3E%60");
  EXPECT_EQ(location("https", "/%41%20"), "https://shop.example/%41%20");
}

TEST(Redirect, APathCannotBecomeAnotherHost) {
  EXPECT_EQ(location("{path}/", "//evil.example"), "/evil.example/");
  EXPECT_EQ(location("/{query}", "/?/evil.example"), "/evil.example");
  EXPECT_EQ(location("{path}", "/\\evil.example"), "/%5Cevil.example");
  EXPECT_EQ(location("{path}", "//"), "/");
}

TEST(Redirect, ItsStatusIsTheConfiguredOne) {
  EXPECT_EQ(Redirect({.to = "https", .status = 308}).status(), 308);
  EXPECT_EQ(Redirect({.to = "https"}).status(), 307);
}

}  // namespace
}  // namespace gg
