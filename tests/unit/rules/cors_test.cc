// SPDX-License-Identifier: Apache-2.0
#include "rules/cors.h"

#include <gtest/gtest.h>

#include "rules_request.h"

namespace gg {
namespace {

std::string allowed(const CorsConfig& config, std::string_view lines) {
  RulesRequest request(RulesRequest::get("/", lines));
  return std::string(Cors(config).allowed_origin(request.head()));
}

TEST(Cors, AListedOriginMayReadAndIsToldItsOwnName) {
  CorsConfig config{.origins = {"https://a.example", "https://b.example"}};

  EXPECT_EQ(allowed(config, "Origin: https://b.example\r\n"), "https://b.example");
  EXPECT_EQ(allowed(config, "Origin: https://B.example\r\n"), "https://B.example");
  EXPECT_TRUE(Cors(config).varies());
}

TEST(Cors, AnybodyElseMayNot) {
  CorsConfig config{.origins = {"https://a.example"}};

  EXPECT_EQ(allowed(config, "Origin: https://a.example.evil\r\n"), "");
  EXPECT_EQ(allowed(config, "Origin: http://a.example\r\n"), "");
  EXPECT_EQ(allowed(config, "Origin: null\r\n"), "");
  EXPECT_EQ(allowed(config, ""), "");
}

TEST(Cors, WhatIsForEverybodyDoesNotVary) {
  CorsConfig config{.origins = {"*"}};

  EXPECT_EQ(allowed(config, "Origin: https://a.example\r\n"), "*");
  EXPECT_EQ(allowed(config, ""), "*");
  EXPECT_FALSE(Cors(config).varies());
}

TEST(Cors, APreflightIsAnOptionsThatNamesOriginAndMethod) {
  RulesRequest preflight(
      "OPTIONS / HTTP/1.1\r\nHost: h\r\nOrigin: https://a\r\n"
      "Access-Control-Request-Method: PUT\r\n\r\n");
  RulesRequest options("OPTIONS / HTTP/1.1\r\nHost: h\r\nOrigin: https://a\r\n\r\n");
  RulesRequest get(RulesRequest::get("/",
                                     "Origin: https://a\r\n"
                                     "Access-Control-Request-Method: PUT\r\n"));

  EXPECT_TRUE(Cors::is_preflight(preflight.head()));
  EXPECT_FALSE(Cors::is_preflight(options.head()));
  EXPECT_FALSE(Cors::is_preflight(get.head()));
}

TEST(Cors, ListsAreWrittenAsTheFieldsWantThem) {
  Cors cors({.origins = {"*"},
             .methods = {"PUT", "GET"},
             .headers = {"x-a", "x-b"},
             .expose = {"x-c"},
             .max_age = 1h});

  EXPECT_EQ(cors.methods(), "GET, HEAD, POST, PUT");
  EXPECT_EQ(cors.headers(), "x-a, x-b");
  EXPECT_EQ(cors.expose(), "x-c");
  EXPECT_EQ(cors.max_age(), "3600");
}

TEST(Cors, ItsOwnFieldsAreKnownByTheirNames) {
  EXPECT_TRUE(Cors::is_own_field({"access-control-allow-origin", "", FieldName::other}));
  EXPECT_TRUE(Cors::is_own_field({"Access-Control-Max-Age", "", FieldName::other}));
  EXPECT_FALSE(Cors::is_own_field({"Access-Controls", "", FieldName::other}));
}

}  // namespace
}  // namespace gg
