// SPDX-License-Identifier: Apache-2.0
#include "rules/route_rules.h"

#include <gtest/gtest.h>

#include "rules_request.h"

namespace gg {
namespace {

const Address somebody = Address::v4({192, 0, 2, 7}, 0);
const Address operator_ = Address::v4({10, 0, 0, 5}, 0);

IpNetwork network_10() {
  IpNetwork network;
  network.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10};
  network.prefix_bits = 104;
  return network;
}

class RouteRulesTest : public testing::Test {
 protected:
  RouteRulesConfig& config() { return route_.rules; }
  std::optional<RuleAnswer> answer(const Address& client = somebody,
                                   std::string_view scheme = "http") {
    if (rules_ == nullptr) rules_ = RouteRules::of(route_);
    return rules_->answer(request_.view(scheme), client);
  }

  RouteConfig route_;
  std::unique_ptr<const RouteRules> rules_;
  RulesRequest request_{RulesRequest::get("/a")};
};

TEST_F(RouteRulesTest, ARouteWithoutRulesHasNone) { EXPECT_EQ(RouteRules::of(route_), nullptr); }

TEST_F(RouteRulesTest, AFixedAnswerIsGiven) {
  config().respond = RespondConfig{.status = 503, .body = "Back at noon.", .retry_after = 1h};

  std::optional<RuleAnswer> given = answer();

  ASSERT_TRUE(given);
  EXPECT_EQ(given->status, 503);
  EXPECT_EQ(given->body, "Back at noon.");
  EXPECT_EQ(given->content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(given->retry_after, "3600");
}

TEST_F(RouteRulesTest, WhoIsExceptedFromItGoesOn) {
  config().respond = RespondConfig{.status = 503, .except = {network_10()}};

  EXPECT_FALSE(answer(operator_));
  EXPECT_TRUE(answer(somebody));
}

TEST_F(RouteRulesTest, AnAnswerThatForbidsABodyHasNone) {
  config().respond = RespondConfig{.status = 204, .body = "x"};

  EXPECT_EQ(answer()->body, "");
  EXPECT_EQ(answer()->content_type, "");
}

TEST_F(RouteRulesTest, ARedirectionComesBeforeAFixedAnswer) {
  config().respond = RespondConfig{.status = 503};
  config().redirect = RedirectConfig{.to = "https", .status = 308};

  EXPECT_EQ(answer()->status, 308);
  EXPECT_EQ(answer()->location, "https://shop.example/a");
  EXPECT_EQ(answer(somebody, "https")->status, 503);
}

TEST_F(RouteRulesTest, HeaderRulesAloneAnswerNothing) {
  config().response_headers.remove = {"server"};

  EXPECT_FALSE(answer());
  EXPECT_FALSE(rules_->response_headers().empty());
}

TEST_F(RouteRulesTest, TransportSecurityIsWrittenAsBrowsersReadIt) {
  config().hsts = HstsConfig{.max_age = 24h, .subdomains = true, .preload = true};

  EXPECT_EQ(RouteRules::of(route_)->hsts(), "max-age=86400; includeSubDomains; preload");
}

TEST_F(RouteRulesTest, TheEndpointsHostIsNoName) {
  config().request_host = "endpoint";

  EXPECT_TRUE(RouteRules::of(route_)->asks_for_endpoints_host());
  EXPECT_EQ(RouteRules::of(route_)->host(), nullptr);
}

}  // namespace
}  // namespace gg
