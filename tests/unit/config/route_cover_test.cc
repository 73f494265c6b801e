// SPDX-License-Identifier: Apache-2.0
#include "config/route_cover.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

using Kind = PathMatch::Kind;

RouteConfig with_path(Kind kind, std::string text) {
  RouteConfig route;
  route.path = {kind, std::move(text)};
  return route;
}

RouteConfig with_hosts(std::vector<std::string> hosts) {
  RouteConfig route;
  route.hosts = std::move(hosts);
  return route;
}

TEST(RouteCover, ARouteForEverythingCoversEveryOther) {
  EXPECT_TRUE(covers(RouteConfig{}, with_path(Kind::prefix, "/a")));
  EXPECT_TRUE(covers(RouteConfig{}, with_path(Kind::regex, "^/a")));
  EXPECT_TRUE(covers(RouteConfig{}, with_hosts({"a.example"})));
  EXPECT_FALSE(covers(with_path(Kind::prefix, "/a"), RouteConfig{}));
  EXPECT_FALSE(covers(with_hosts({"a.example"}), RouteConfig{}));
}

TEST(RouteCover, PrefixesGoBySegment) {
  RouteConfig api = with_path(Kind::prefix, "/api");

  EXPECT_TRUE(covers(api, with_path(Kind::prefix, "/api/v2")));
  EXPECT_TRUE(covers(api, with_path(Kind::exact, "/api")));
  EXPECT_FALSE(covers(api, with_path(Kind::prefix, "/apix")));
  EXPECT_FALSE(covers(api, with_path(Kind::regex, "^/api/")));
  EXPECT_FALSE(covers(with_path(Kind::exact, "/api"), api));
  EXPECT_FALSE(covers(with_path(Kind::exact, "/api"), with_path(Kind::prefix, "/api")));
}

TEST(RouteCover, EqualExpressionsCoverEachOther) {
  EXPECT_TRUE(covers(with_path(Kind::regex, "^/v"), with_path(Kind::regex, "^/v")));
  EXPECT_FALSE(covers(with_path(Kind::regex, ".*"), with_path(Kind::regex, "^/v")));
}

TEST(RouteCover, AWildcardCoversNamesBelowItOnly) {
  RouteConfig wild = with_hosts({"*.a.example"});

  EXPECT_TRUE(covers(wild, with_hosts({"x.a.example", "x.y.a.example"})));
  EXPECT_TRUE(covers(wild, with_hosts({"*.x.a.example"})));
  EXPECT_FALSE(covers(wild, with_hosts({"a.example"})));
  EXPECT_FALSE(covers(wild, with_hosts({"xa.example"})));
  EXPECT_FALSE(covers(wild, with_hosts({"x.a.example", "b.example"})));
}

TEST(RouteCover, FewerMethodsDoNotCoverMore) {
  RouteConfig get;
  get.methods = {"GET"};
  RouteConfig both;
  both.methods = {"GET", "POST"};

  EXPECT_TRUE(covers(both, get));
  EXPECT_FALSE(covers(get, both));
  EXPECT_FALSE(covers(get, RouteConfig{}));
}

TEST(RouteCover, AHeaderConditionMustBeOnTheLaterRouteToo) {
  RouteConfig conditional;
  conditional.headers = {{.name = "x-a", .text = "1"}};

  EXPECT_FALSE(covers(conditional, RouteConfig{}));
  EXPECT_TRUE(covers(RouteConfig{}, conditional));
  EXPECT_TRUE(covers(conditional, conditional));
}

}  // namespace
}  // namespace gg
