// SPDX-License-Identifier: Apache-2.0
#include "proxy/stickiness.h"

#include <gtest/gtest.h>

#include "exchange_fixture.h"

namespace gg {
namespace {

class Stickiness : public ExchangeFixture {
 protected:
  ChoiceKey key_of(std::string_view lines, std::string_view target = "/") {
    Exchange& exchange = receive("GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" +
                                 std::string(lines) + "\r\n");
    exchange.client_address = client_address_;
    return choice_key_of(exchange, balance_);
  }
  std::uint64_t hash_of(std::string_view lines, std::string_view target = "/") {
    return key_of(lines, target).hash;
  }
  void hash_by(HashKey::Kind kind, std::string text = "") {
    balance_.hash = HashKey{.kind = kind, .text = std::move(text)};
  }
  /// The Set-Cookie that a client gets which sent `cookie`, or "-".
  std::string cookie_for(std::string_view lines, std::uint64_t served_by) {
    balance_.sticky.emplace(StickyConfig{.cookie = "route", .secret = ""});
    ChoiceKey key = key_of(lines);
    Exchange& exchange = receive("GET / HTTP/1.1\r\nHost: h\r\n" + std::string(lines) + "\r\n");
    exchange.choice_key = key;
    exchange.sticky = &*balance_.sticky;
    exchange.served_by = served_by;
    FieldList list(engine().buffers(), 1, sticky_cookie_size(exchange));
    add_sticky_cookie(exchange, list);
    if (list.all().empty()) return "-";
    EXPECT_EQ(list.all().front().name, "Set-Cookie");
    return std::string(list.all().front().value);
  }

  BalanceConfig balance_;
  Address client_address_ = Address::v4({10, 9, 8, 7}, 4000);
};

TEST_F(Stickiness, AHeaderIsHashedByItsValue) {
  hash_by(HashKey::Kind::header, "x-user");

  EXPECT_TRUE(hash_of("X-User: ann\r\n"));
  EXPECT_EQ(hash_of("X-User: ann\r\n"), hash_of("X-Other: 1\r\nx-user:  ann \r\n"));
  EXPECT_NE(hash_of("X-User: ann\r\n"), hash_of("X-User: bob\r\n"));
}

TEST_F(Stickiness, WhatIsAbsentOrEmptyIsNotHashed) {
  hash_by(HashKey::Kind::header, "x-user");
  EXPECT_FALSE(hash_of("X-Other: ann\r\n"));
  EXPECT_FALSE(hash_of("X-User:\r\n"));

  hash_by(HashKey::Kind::cookie, "session");
  EXPECT_FALSE(hash_of("Cookie: other=1\r\n"));
  EXPECT_FALSE(hash_of("Cookie: session=\r\n"));
}

TEST_F(Stickiness, ACookieIsHashedByItsValue) {
  hash_by(HashKey::Kind::cookie, "session");

  EXPECT_EQ(hash_of("Cookie: a=b; session=1\r\n"), hash_of("Cookie: session=1; c=d\r\n"));
  EXPECT_NE(hash_of("Cookie: session=1\r\n"), hash_of("Cookie: session=2\r\n"));
}

TEST_F(Stickiness, APathIsHashedWithoutItsQuery) {
  hash_by(HashKey::Kind::path);

  EXPECT_EQ(hash_of("", "/a?x=1"), hash_of("", "/a?y=2"));
  EXPECT_NE(hash_of("", "/a"), hash_of("", "/b"));
}

TEST_F(Stickiness, AClientIsHashedByItsAddressWithoutThePort) {
  hash_by(HashKey::Kind::source);
  std::uint64_t first = hash_of("");

  client_address_.port = 5;
  EXPECT_EQ(hash_of(""), first);
  client_address_ = Address::v4({10, 9, 8, 6}, 4000);
  EXPECT_NE(hash_of(""), first);
  client_address_ = Address::unix_at("/run/x.sock");
  EXPECT_FALSE(hash_of(""));
}

TEST_F(Stickiness, OnlyAWholeNumberIsAMark) {
  balance_.sticky.emplace(StickyConfig{.cookie = "route", .secret = ""});

  EXPECT_EQ(key_of("Cookie: route=00000000000000ff\r\n").mark, 255U);
  EXPECT_FALSE(key_of("Cookie: route=ff\r\n").mark);
  EXPECT_FALSE(key_of("Cookie: route=00000000000000fg\r\n").mark);
  EXPECT_FALSE(key_of("Cookie: route=-0000000000000ff\r\n").mark);
  EXPECT_FALSE(key_of("Cookie: other=00000000000000ff\r\n").mark);
  EXPECT_FALSE(key_of("").hash);
}

TEST_F(Stickiness, ACookieIsSetForWhoDoesNotHaveIt) {
  EXPECT_EQ(cookie_for("", 255), "route=00000000000000ff; Path=/; HttpOnly; SameSite=Lax");
  EXPECT_EQ(cookie_for("Cookie: route=00000000000000fe\r\n", 255),
            "route=00000000000000ff; Path=/; HttpOnly; SameSite=Lax");
  EXPECT_EQ(cookie_for("Cookie: route=00000000000000ff\r\n", 255), "-");
}

TEST_F(Stickiness, ACookieForAClientOverTlsIsForTlsOnly) {
  facts().is_tls = true;
  EXPECT_TRUE(cookie_for("", 1).ends_with("; SameSite=Lax; Secure"));
}

TEST_F(Stickiness, ATrustedProxyKnowsWhetherTheClientCameOverTls) {
  EXPECT_FALSE(cookie_for("X-Forwarded-Proto: https\r\n", 1).ends_with("; Secure"));

  facts().is_trusted_proxy = true;
  EXPECT_TRUE(cookie_for("X-Forwarded-Proto: https\r\n", 1).ends_with("; Secure"));
  EXPECT_FALSE(cookie_for("X-Forwarded-Proto: http\r\n", 1).ends_with("; Secure"));
}

TEST(StickyMark, DiffersByEndpointUpstreamAndSecret) {
  StickyConfig open;
  StickyConfig closed{.cookie = "route", .secret = "s"};

  EXPECT_EQ(sticky_mark(open, "app", "a:1"), sticky_mark(open, "app", "a:1"));
  EXPECT_NE(sticky_mark(open, "app", "a:1"), sticky_mark(open, "app", "a:2"));
  EXPECT_NE(sticky_mark(open, "app", "a:1"), sticky_mark(open, "api", "a:1"));
  EXPECT_NE(sticky_mark(open, "app", "a:1"), sticky_mark(closed, "app", "a:1"));
}

}  // namespace
}  // namespace gg
