// SPDX-License-Identifier: Apache-2.0
#include "http/authority.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

bool is_valid(std::string_view text) { return parse_authority(text).has_value(); }

TEST(Authority, HostAndPortAreParted) {
  std::optional<Authority> authority = parse_authority("shop.example:8080");

  ASSERT_TRUE(authority);
  EXPECT_EQ(authority->host, "shop.example");
  EXPECT_EQ(authority->port, "8080");
  EXPECT_TRUE(authority->has_port);
}

TEST(Authority, AnIpLiteralKeepsItsBrackets) {
  std::optional<Authority> authority = parse_authority("[2001:db8::1]:443");

  ASSERT_TRUE(authority);
  EXPECT_EQ(authority->host, "[2001:db8::1]");
  EXPECT_EQ(authority->port, "443");
}

TEST(Authority, HostsOfEveryKindAreValid) {
  EXPECT_TRUE(is_valid(""));
  EXPECT_TRUE(is_valid("a"));
  EXPECT_TRUE(is_valid("under_score.example"));
  EXPECT_TRUE(is_valid("0.0.0.0=5000"));  // sub-delims are valid in a reg-name
  EXPECT_TRUE(is_valid("caf%C3%A9.example"));
  EXPECT_TRUE(is_valid("host:"));
  EXPECT_TRUE(is_valid("192.0.2.1:65535"));
  EXPECT_TRUE(is_valid("[::]"));
  EXPECT_TRUE(is_valid("[1:2:3:4:5:6:7:8]"));
  EXPECT_TRUE(is_valid("[::ffff:192.0.2.1]"));
  EXPECT_TRUE(is_valid("[1:2:3:4:5:6:192.0.2.1]"));
  EXPECT_TRUE(is_valid("[v1.fe80:a]"));
}

TEST(Authority, WhatIsNoHostIsRefused) {
  EXPECT_FALSE(is_valid("user@host"));
  EXPECT_FALSE(is_valid("a b"));
  EXPECT_FALSE(is_valid("a/b"));
  EXPECT_FALSE(is_valid("a?b"));
  EXPECT_FALSE(is_valid("caf\xc3\xa9.example"));
  EXPECT_FALSE(is_valid("a%4"));
  EXPECT_FALSE(is_valid("a%zz"));
  EXPECT_FALSE(is_valid("[::1"));
  EXPECT_FALSE(is_valid("[::1]x"));
  EXPECT_FALSE(is_valid("[1:2:3]"));
  EXPECT_FALSE(is_valid("[1::2::3]"));
  EXPECT_FALSE(is_valid("[12345::]"));
  EXPECT_FALSE(is_valid("[::1%25eth0]"));
  EXPECT_FALSE(is_valid("[::192.0.2.256]"));
  EXPECT_FALSE(is_valid("[1:2:3:4:5:6:7:8:9]"));
  EXPECT_FALSE(is_valid("[1:2:3:4:5:6:7:]"));
  EXPECT_FALSE(is_valid("[]"));
  EXPECT_FALSE(is_valid("[v.a]"));
}

TEST(Authority, APortIsANumberOfSixteenBits) {
  EXPECT_FALSE(is_valid("a:65536"));
  EXPECT_FALSE(is_valid("a:-1"));
  EXPECT_FALSE(is_valid("a:80a"));
  EXPECT_FALSE(is_valid("a:80:80"));
  EXPECT_TRUE(is_valid("a:080"));
}

}  // namespace
}  // namespace gg
