// SPDX-License-Identifier: Apache-2.0
#include "dns/cache.h"

#include <gtest/gtest.h>

#include "unit/dns/fixed_resolver_fixture.h"

namespace gg {
namespace {

constexpr Instant start{1000s};

TEST(DnsCache, AsksForWhatItDoesNotKnow) {
  DnsCache cache;

  EXPECT_EQ(text(cache.find("app", start)), "ask");
}

TEST(DnsCache, KeepsAnAnswerForItsTtl) {
  DnsCache cache;
  cache.store("app", one_address("10.0.0.1", 30s), start);

  EXPECT_EQ(text(cache.find("app", start + 29s)), "10.0.0.1");
  EXPECT_EQ((*cache.find("app", start + 29s))->ttl, 1s);
  EXPECT_EQ(text(cache.find("app", start + 30s)), "ask");
  EXPECT_EQ(text(cache.find("other", start)), "ask");
}

TEST(DnsCache, KeepsTheTtlWithinItsBounds) {
  DnsCache cache({.ttl_least = 2s, .ttl_longest = 60s});
  cache.store("short", one_address("10.0.0.1", 0s), start);
  cache.store("long", one_address("10.0.0.2", 24h), start);

  EXPECT_EQ(text(cache.find("short", start + 1s)), "10.0.0.1");
  EXPECT_EQ(text(cache.find("short", start + 2s)), "ask");
  EXPECT_EQ(text(cache.find("long", start + 59s)), "10.0.0.2");
  EXPECT_EQ(text(cache.find("long", start + 60s)), "ask");
}

TEST(DnsCache, KeepsAFailureForAMoment) {
  DnsCache cache({.failure_kept = 1s});

  Answer believed = cache.store("app", Failure(DnsError::no_such_name), start);

  EXPECT_EQ(text(believed), "no_such_name");
  EXPECT_EQ(text(cache.find("app", start + 999ms)), "no_such_name");
  EXPECT_EQ(text(cache.find("app", start + 1s)), "ask");
}

TEST(DnsCache, GivesTheLastGoodAnswerAfterAFailure) {
  DnsCache cache;
  cache.store("app", one_address("10.0.0.1", 30s), start);

  Answer believed = cache.store("app", Failure(DnsError::timeout), start + 30s);

  EXPECT_EQ(text(believed), "10.0.0.1 stale");
  EXPECT_EQ(text(cache.find("app", start + 30s)), "10.0.0.1 stale");
  EXPECT_EQ(text(cache.find("app", start + 31s)), "ask");
  EXPECT_EQ(text(cache.store("app", one_address("10.0.0.2", 30s), start + 31s)), "10.0.0.2");
}

TEST(DnsCache, AsksAgainAboutADoubtedAnswerButNotTooOften) {
  DnsCache cache({.ttl_least = 1s});
  cache.store("app", one_address("10.0.0.1", 30s), start);

  cache.expire("app");
  cache.expire("unknown");

  EXPECT_EQ(text(cache.find("app", start + 999ms)), "10.0.0.1");
  EXPECT_EQ(text(cache.find("app", start + 1s)), "ask");
}

TEST(DnsCache, KeepsNoMoreNamesThanItMay) {
  DnsCache cache({.names_most = 1});
  cache.store("a", one_address("10.0.0.1", 30s), start);

  Answer believed = cache.store("b", one_address("10.0.0.2", 30s), start);

  EXPECT_EQ(text(believed), "10.0.0.2");
  EXPECT_EQ(text(cache.find("a", start)), "10.0.0.1");
  EXPECT_EQ(text(cache.find("b", start)), "ask");
}

using CachedResolverTest = FixedResolverTest;

TEST_F(CachedResolverTest, SparesTheResolverBehindIt) {
  fixed_.set("app.test", one_address("10.0.0.1", 30s));
  CachedResolver cached(*engine_, fixed_);

  EXPECT_EQ(resolve(cached, "app.test"), "10.0.0.1");
  EXPECT_EQ(resolve(cached, "app.test"), "10.0.0.1");
  EXPECT_EQ(fixed_.lookups(), 1U);
}

TEST_F(CachedResolverTest, AsksAgainWhenAnAnswerIsDoubted) {
  fixed_.set("app.test", one_address("10.0.0.1", 30s));
  CachedResolver cached(*engine_, fixed_, {.ttl_least = 0s});
  resolve(cached, "app.test");
  fixed_.set("app.test", one_address("10.0.0.2", 30s));

  cached.expire("app.test");
  engine_->turn(1ms);

  EXPECT_EQ(resolve(cached, "app.test"), "10.0.0.2");
}

TEST_F(CachedResolverTest, CoversForAResolverThatFails) {
  fixed_.set("app.test", one_address("10.0.0.1", 0s));
  CachedResolver cached(*engine_, fixed_, {.ttl_least = 0s, .failure_kept = 0s});
  resolve(cached, "app.test");

  fixed_.fail("app.test", DnsError::timeout);

  EXPECT_EQ(resolve(cached, "app.test"), "10.0.0.1 stale");
}

}  // namespace
}  // namespace gg
