// SPDX-License-Identifier: Apache-2.0
#include "proxy/router.h"

#include <gtest/gtest.h>

#include <deque>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "net/networks.h"

namespace gg {
namespace {

using Kind = PathMatch::Kind;

/// A request whose fields live as long as it does.
struct Request {
  std::string authority = "shop.example";
  std::string path = "/";
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> fields{};
};

/// Index of the route that `request` takes; -404 for none, -400 for a path that is refused.
int route_of(const Router& router, const Config& config, const Request& request) {
  std::vector<Field> fields;
  for (const auto& [name, value] : request.fields) {
    fields.push_back({.name = name, .value = value, .id = field_name_of(name)});
  }
  RequestHead head;
  head.method = method_of(request.method);
  head.method_text = request.method;
  head.authority = request.authority;
  head.path = request.path;
  head.fields.adopt({}, fields);

  RouteMatch match = router.match(head);
  if (match.fault == Fault::no_route) return -404;
  if (match.fault == Fault::request_malformed) return -400;
  return static_cast<int>(match.route - config.routes.data());
}

int route_of(const std::vector<RouteConfig>& routes, const Request& request) {
  Config config{.routes = routes};
  Router router(config);
  return route_of(router, config, request);
}

RouteConfig to_path(std::string text, Kind kind = Kind::prefix) {
  return {.path = {.kind = kind, .text = std::move(text)}};
}

RouteConfig to_host(std::string host) { return {.hosts = {std::move(host)}}; }

TEST(Router, TakesTheFirstRouteThatFits) {
  std::vector<RouteConfig> routes = {to_path("/a/b"), to_path("/a"), to_path("/a/b/c"),
                                     to_path("/")};

  EXPECT_EQ(route_of(routes, {.path = "/a/b/c"}), 0);
  EXPECT_EQ(route_of(routes, {.path = "/a/c"}), 1);
  EXPECT_EQ(route_of(routes, {.path = "/x"}), 3);
}

TEST(Router, HasNoRouteWhenNothingFits) {
  EXPECT_EQ(route_of({to_path("/a")}, {.path = "/b"}), -404);
  EXPECT_EQ(route_of(std::vector<RouteConfig>{}, {.path = "/"}), -404);
}

TEST(Router, ComparesPrefixesByWholeSegments) {
  std::vector<RouteConfig> routes = {to_path("/api")};

  EXPECT_EQ(route_of(routes, {.path = "/api"}), 0);
  EXPECT_EQ(route_of(routes, {.path = "/api/"}), 0);
  EXPECT_EQ(route_of(routes, {.path = "/api/x"}), 0);
  EXPECT_EQ(route_of(routes, {.path = "/apix"}), -404);
  EXPECT_EQ(route_of(routes, {.path = "/API"}), -404);
}

TEST(Router, IgnoresTheSlashAtTheEndOfAPrefix) {
  EXPECT_EQ(route_of({to_path("/api/")}, {.path = "/api"}), 0);
  EXPECT_EQ(route_of({to_path("/api/")}, {.path = "/apix"}), -404);
}

TEST(Router, ComparesExactPathsWhole) {
  std::vector<RouteConfig> routes = {to_path("/x", Kind::exact), to_path("/", Kind::exact)};

  EXPECT_EQ(route_of(routes, {.path = "/x"}), 0);
  EXPECT_EQ(route_of(routes, {.path = "/x/"}), -404);
  EXPECT_EQ(route_of(routes, {.path = "/x/y"}), -404);
  EXPECT_EQ(route_of(routes, {.path = "/"}), 1);
}

TEST(Router, SearchesForARegex) {
  std::vector<RouteConfig> routes = {to_path("^/v[0-9]+/", Kind::regex),
                                     to_path("x$", Kind::regex)};

  EXPECT_EQ(route_of(routes, {.path = "/v12/a"}), 0);
  EXPECT_EQ(route_of(routes, {.path = "/vv/a"}), -404);
  EXPECT_EQ(route_of(routes, {.path = "/abc/x"}), 1);
}

TEST(Router, ComparesHostsInAnyCaseWithoutPortAndDot) {
  std::vector<RouteConfig> routes = {to_host("shop.example")};

  EXPECT_EQ(route_of(routes, {.authority = "Shop.EXAMPLE:8443"}), 0);
  EXPECT_EQ(route_of(routes, {.authority = "shop.example."}), 0);
  EXPECT_EQ(route_of(routes, {.authority = "shop.example.:80"}), 0);
  EXPECT_EQ(route_of(routes, {.authority = "www.shop.example"}), -404);
  EXPECT_EQ(route_of(routes, {.authority = ""}), -404);
}

TEST(Router, TakesAStarForAllNamesBelow) {
  std::vector<RouteConfig> routes = {to_host("*.shop.example")};

  EXPECT_EQ(route_of(routes, {.authority = "www.shop.example"}), 0);
  EXPECT_EQ(route_of(routes, {.authority = "a.b.SHOP.example"}), 0);
  EXPECT_EQ(route_of(routes, {.authority = "shop.example"}), -404);
  EXPECT_EQ(route_of(routes, {.authority = ".shop.example"}), -404);
  EXPECT_EQ(route_of(routes, {.authority = "wwwshop.example"}), -404);
}

TEST(Router, KeepsTheOrderOfTheFileAcrossHosts) {
  std::vector<RouteConfig> routes = {to_path("/any"), to_host("*.example"),
                                     to_host("shop.example")};

  EXPECT_EQ(route_of(routes, {.authority = "shop.example", .path = "/any"}), 0);
  EXPECT_EQ(route_of(routes, {.authority = "shop.example", .path = "/x"}), 1);
}

TEST(Router, KnowsAddressesAsHosts) {
  EXPECT_EQ(route_of({to_host("[::1]")}, {.authority = "[::1]:8080"}), 0);
  EXPECT_EQ(route_of({to_host("127.0.0.1")}, {.authority = "127.0.0.1:8080"}), 0);
}

TEST(Router, SendsAnOverlongHostToRoutesForEveryHost) {
  std::string host = std::string(300, 'a') + ".example";

  EXPECT_EQ(route_of({to_host("*.example"), to_path("/")}, {.authority = host}), 1);
}

TEST(Router, ComparesMethodsInTheirCase) {
  RouteConfig route{.methods = {"GET", "PURGE"}};

  EXPECT_EQ(route_of({route}, {.method = "GET"}), 0);
  EXPECT_EQ(route_of({route}, {.method = "PURGE"}), 0);
  EXPECT_EQ(route_of({route}, {.method = "POST"}), -404);
  EXPECT_EQ(route_of({route}, {.method = "get"}), -404);
  EXPECT_EQ(route_of({route}, {.method = "BAN"}), -404);
}

TEST(Router, AsksForEveryHeaderAndTakesAnyOfItsValues) {
  RouteConfig route{
      .headers = {{.name = "x-canary", .text = "yes"},
                  {.name = "user-agent", .kind = HeaderMatch::Kind::regex, .text = "^curl/"}}};

  EXPECT_EQ(
      route_of({route},
               {.fields = {{"X-Canary", "no"}, {"x-CANARY", "yes"}, {"User-Agent", "curl/8"}}}),
      0);
  EXPECT_EQ(route_of({route}, {.fields = {{"X-Canary", "yes"}}}), -404);
  EXPECT_EQ(route_of({route}, {.fields = {{"X-Canary", "YES"}, {"User-Agent", "curl/8"}}}), -404);
  EXPECT_EQ(route_of({route}, {.fields = {{"X-Canary", "yes"}, {"User-Agent", "x curl/8"}}}), -404);
}

TEST(Router, GoesOnAfterARouteWhoseConditionsDoNotHold) {
  RouteConfig posts = to_path("/a");
  posts.methods = {"POST"};

  EXPECT_EQ(route_of({posts, to_path("/a")}, {.path = "/a"}), 1);
}

TEST(Router, SendsAnAsteriskToTheRoot) {
  EXPECT_EQ(route_of({to_path("/a"), to_path("/")}, {.path = "*", .method = "OPTIONS"}), 1);
  EXPECT_EQ(route_of({to_path("/", Kind::exact)}, {.path = "*", .method = "OPTIONS"}), -404);
}

// Paths that try to look like another ------------------------------------------------------------

/// An admin area that not everybody may see, and the rest.
const std::vector<RouteConfig> guarded = {to_path("/admin"), to_path("/public"), to_path("/")};

TEST(RouterTricks, SeesThroughEscapesSlashesAndDots) {
  EXPECT_EQ(route_of(guarded, {.path = "/%61dmin/x"}), 0);
  EXPECT_EQ(route_of(guarded, {.path = "//admin/x"}), 0);
  EXPECT_EQ(route_of(guarded, {.path = "/admin/./x"}), 0);
  EXPECT_EQ(route_of(guarded, {.path = "/admin/a/../x"}), 0);
}

TEST(RouterTricks, RefusesAPathThatServersMayTakeForAnotherRoutes) {
  EXPECT_EQ(route_of(guarded, {.path = "/public/../admin/x"}), -400);
  EXPECT_EQ(route_of(guarded, {.path = "/admin/../public/x"}), -400);
  EXPECT_EQ(route_of(guarded, {.path = "/public/%2e%2e/admin/x"}), -400);
  EXPECT_EQ(route_of(guarded, {.path = "/public/..%2fadmin/x"}), -400);
  EXPECT_EQ(route_of(guarded, {.path = "/public/..\\admin/x"}), -400);
  EXPECT_EQ(route_of(guarded, {.path = "/public%2f..%5cadmin"}), -400);
  EXPECT_EQ(route_of(guarded, {.path = "/public/..;/admin/x"}), -400);
  EXPECT_EQ(route_of(guarded, {.path = "/admin;x/y"}), -400);
  EXPECT_EQ(route_of(guarded, {.path = "/;x/admin"}), -400);
  EXPECT_EQ(route_of(guarded, {.path = "/admin%2Fx"}), -400);
  EXPECT_EQ(route_of(guarded, {.path = "/admin//../x"}), -400);
}

TEST(RouterTricks, RefusesAPathThatLeavesTheRoot) {
  EXPECT_EQ(route_of({to_path("/")}, {.path = "/../etc/passwd"}), -400);
  EXPECT_EQ(route_of({to_path("/")}, {.path = "/%2e%2e/etc/passwd"}), -400);
  EXPECT_EQ(route_of({to_path("/")}, {.path = "/a/..%2f..%2fetc"}), -400);
}

TEST(RouterTricks, PassesADoubtfulPathThatLeadsToOneRouteHoweverItIsRead) {
  EXPECT_EQ(route_of(guarded, {.path = "/public/group%2Fproject"}), 1);
  EXPECT_EQ(route_of(guarded, {.path = "/public/item;version=2"}), 1);
  EXPECT_EQ(route_of(guarded, {.path = "/public/a/../b"}), 1);
  EXPECT_EQ(route_of({to_path("/")}, {.path = "/a/../b;c%2Fd\\e"}), 0);
}

TEST(RouterTricks, TakesADoubtfulPathThatTheRouteItselfSpells) {
  std::vector<RouteConfig> routes = {to_path("/a%2Fb"), to_path("/c;d", Kind::exact), to_path("/")};

  EXPECT_EQ(route_of(routes, {.path = "/a%2Fb/c"}), 0);
  EXPECT_EQ(route_of(routes, {.path = "/c;d"}), 1);
  EXPECT_EQ(route_of(routes, {.path = "/a%2Fb/../x"}), -400);
  EXPECT_EQ(route_of({to_path("/", Kind::exact), to_path("/")}, {.path = "/."}), -400);
}

TEST(RouterTricks, ReadsTheRoutesThemselvesInTheSameForm) {
  EXPECT_EQ(route_of({to_path("/caf\xc3\xa9")}, {.path = "/caf%c3%a9/menu"}), 0);
  EXPECT_EQ(route_of({to_path("/a%20b", Kind::exact)}, {.path = "/a%20b"}), 0);
  EXPECT_EQ(route_of({to_path("//a//b/")}, {.path = "/a/b"}), 0);
}

// Allow and deny
// -----------------------------------------------------------------------------------

IpNetwork network(std::string_view ip, unsigned bits) {
  return {.address = *ip_bytes_of(*parse_ip(ip)),
          .prefix_bits = static_cast<std::uint8_t>(bits + 96)};
}

TEST(RouterAccess, LetsEverybodyInByDefault) {
  EXPECT_TRUE(is_allowed({}, *parse_ip("203.0.113.1")));
  EXPECT_TRUE(is_allowed({}, Address::unix_at("/run/client")));
}

TEST(RouterAccess, LetsOnlyTheAllowedIn) {
  RouteConfig route{.allow = {network("10.0.0.0", 8)}};

  EXPECT_TRUE(is_allowed(route, *parse_ip("10.1.2.3")));
  EXPECT_TRUE(is_allowed(route, *parse_ip("::ffff:10.1.2.3")));
  EXPECT_FALSE(is_allowed(route, *parse_ip("203.0.113.1")));
  EXPECT_FALSE(is_allowed(route, Address::unix_at("/run/client")));
}

TEST(RouterAccess, DeniesFirst) {
  RouteConfig route{.allow = {network("10.0.0.0", 8)}, .deny = {network("10.9.0.0", 16)}};

  EXPECT_TRUE(is_allowed(route, *parse_ip("10.1.2.3")));
  EXPECT_FALSE(is_allowed(route, *parse_ip("10.9.2.3")));
}

}  // namespace
}  // namespace gg
