// SPDX-License-Identifier: Apache-2.0
#include "admin/order.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

using Kind = Order::Kind;

std::string problem(Kind kind, std::string_view json) {
  Result<Order, std::string> order = parse_order(kind, false, json);
  return order ? "" : order.error();
}

TEST(ParseOrder, TakesEveryMember) {
  auto order =
      parse_order(Kind::drain, false,
                  R"({"endpoint": "10.0.0.1:80", "upstream": "app", "by": "me", "why": "x"})");

  ASSERT_TRUE(order.has_value());
  EXPECT_EQ(order->endpoint, "10.0.0.1:80");
  EXPECT_EQ(order->upstream, "app");
  EXPECT_EQ(order->by, "me");
  EXPECT_EQ(order->why, "x");
}

TEST(ParseOrder, AnEndpointIsNeededUnlessItIsForTheGateway) {
  EXPECT_NE(problem(Kind::drain, "{}").find("\"endpoint\" must name"), std::string::npos);
  EXPECT_TRUE(parse_order(Kind::drain, true, "").has_value());
  EXPECT_TRUE(parse_order(Kind::undrain, true, "{}").has_value());
}

TEST(ParseOrder, WhatMeansNothingIsNotIgnored) {
  EXPECT_EQ(problem(Kind::drain, R"({"endpoint": "a", "wieght": 1})"),
            "\"wieght\" means nothing here");
  EXPECT_EQ(problem(Kind::drain, R"({"endpoint": "a", "seconds": 1})"),
            "\"seconds\" means nothing here");
  EXPECT_FALSE(parse_order(Kind::drain, true, R"({"endpoint": "a"})").has_value());
}

TEST(ParseOrder, NumbersHaveTheirBounds) {
  EXPECT_EQ(parse_order(Kind::eject, false, R"({"endpoint": "a", "seconds": 90})")->length, 90s);
  EXPECT_EQ(parse_order(Kind::eject, false, R"({"endpoint": "a"})")->length, 60s);
  EXPECT_EQ(parse_order(Kind::weight, false, R"({"endpoint": "a", "weight": 0})")->weight, 0U);
  EXPECT_EQ(parse_order(Kind::weight, false, R"({"endpoint": "a", "weight": 7})")->weight, 7U);
  for (const char* bad : {"-1", "1001", "1.5", "\"2\"", "null"}) {
    EXPECT_EQ(problem(Kind::weight, std::string(R"({"endpoint": "a", "weight": )") + bad + "}"),
              "\"weight\" must be a whole number from 0 to 1000");
  }
  EXPECT_NE(problem(Kind::weight, R"({"endpoint": "a"})"), "");
  EXPECT_NE(problem(Kind::eject, R"({"endpoint": "a", "seconds": 0})"), "");
}

TEST(ParseOrder, WhatIsNoObjectIsSaidToBeNone) {
  for (const char* bad : {"[", "[]", "1", "\"x\"", "{\"a\":}"}) {
    EXPECT_EQ(problem(Kind::drain, bad), "the body must be one JSON object");
  }
  EXPECT_EQ(problem(Kind::drain, R"({"endpoint": 3})"), "\"endpoint\" must be a text");
}

TEST(ParseOrder, TextCannotForgeALineOfTheLog) {
  auto order =
      parse_order(Kind::drain, false, R"({"endpoint": "a", "why": "x\ngoodgate: y\u001b"})");

  EXPECT_EQ(order->why, "x goodgate: y ");
  EXPECT_EQ(harmless(std::string(1000, 'x')).size(), 200U);
}

}  // namespace
}  // namespace gg
