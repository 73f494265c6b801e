// SPDX-License-Identifier: Apache-2.0
#include "dns/cache.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "dns/fixed_resolver.h"
#include "engine/epoll/epoll_engine.h"
#include "task/scope.h"

namespace gg {
namespace {

using Answer = Result<Resolved, DnsError>;

constexpr Instant start{1000s};

Resolved address(std::string_view ip, Duration ttl) {
  return {.addresses = {*parse_ip(ip)}, .ttl = ttl};
}

std::string text(const std::optional<Answer>& answer) {
  if (!answer) return "ask";
  if (!*answer) return std::string(text_of(answer->error()));
  return ip_text((*answer)->addresses[0]) + ((*answer)->is_stale ? " stale" : "");
}

TEST(DnsCache, AsksForWhatItDoesNotKnow) {
  DnsCache cache;

  EXPECT_EQ(text(cache.find("app", start)), "ask");
}

TEST(DnsCache, KeepsAnAnswerForItsTtl) {
  DnsCache cache;
  cache.store("app", address("10.0.0.1", 30s), start);

  EXPECT_EQ(text(cache.find("app", start + 29s)), "10.0.0.1");
  EXPECT_EQ((*cache.find("app", start + 29s))->ttl, 1s);
  EXPECT_EQ(text(cache.find("app", start + 30s)), "ask");
  EXPECT_EQ(text(cache.find("other", start)), "ask");
}

TEST(DnsCache, KeepsTheTtlWithinItsBounds) {
  DnsCache cache({.ttl_least = 2s, .ttl_longest = 60s});
  cache.store("short", address("10.0.0.1", 0s), start);
  cache.store("long", address("10.0.0.2", 24h), start);

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
  cache.store("app", address("10.0.0.1", 30s), start);

  Answer believed = cache.store("app", Failure(DnsError::timeout), start + 30s);

  EXPECT_EQ(text(believed), "10.0.0.1 stale");
  EXPECT_EQ(text(cache.find("app", start + 30s)), "10.0.0.1 stale");
  EXPECT_EQ(text(cache.find("app", start + 31s)), "ask");
  EXPECT_EQ(text(cache.store("app", address("10.0.0.2", 30s), start + 31s)), "10.0.0.2");
}

TEST(DnsCache, AsksAgainAboutADoubtedAnswerButNotTooOften) {
  DnsCache cache({.ttl_least = 1s});
  cache.store("app", address("10.0.0.1", 30s), start);

  cache.expire("app");
  cache.expire("unknown");

  EXPECT_EQ(text(cache.find("app", start + 999ms)), "10.0.0.1");
  EXPECT_EQ(text(cache.find("app", start + 1s)), "ask");
}

TEST(DnsCache, KeepsNoMoreNamesThanItMay) {
  DnsCache cache({.names_most = 1});
  cache.store("a", address("10.0.0.1", 30s), start);

  Answer believed = cache.store("b", address("10.0.0.2", 30s), start);

  EXPECT_EQ(text(believed), "10.0.0.2");
  EXPECT_EQ(text(cache.find("a", start)), "10.0.0.1");
  EXPECT_EQ(text(cache.find("b", start)), "ask");
}

// Resolvers
// -----------------------------------------------------------------------------------------

Task<void> resolve_into(Resolver& resolver, std::string name, Deadline deadline,
                        std::optional<Answer>& answer) {
  Answer resolved = co_await resolver.resolve(name, deadline);
  answer = std::move(resolved);
}

class FixedResolverTest : public testing::Test {
 protected:
  std::string resolve(Resolver& resolver, const std::string& name,
                      Deadline deadline = Deadline::never()) {
    Scope scope(engine_->ready());
    std::optional<Answer> answer;
    scope.start(resolve_into(resolver, name, deadline, answer));
    while (scope.running() > 0) engine_->turn(1ms);
    return text(answer);
  }

  std::unique_ptr<EpollEngine> engine_ = *EpollEngine::make();
  FixedResolver fixed_{*engine_};
};

TEST_F(FixedResolverTest, SaysWhatItWasTold) {
  fixed_.set("App.test", address("10.0.0.1", 30s));
  fixed_.fail("broken.test", DnsError::server_failure);

  EXPECT_EQ(resolve(fixed_, "app.TEST"), "10.0.0.1");
  EXPECT_EQ(resolve(fixed_, "broken.test"), "server_failure");
  EXPECT_EQ(resolve(fixed_, "other.test"), "no_such_name");
  EXPECT_EQ(resolve(fixed_, "192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(fixed_.lookups(), 4U);
}

TEST_F(FixedResolverTest, TakesItsTimeAndKeepsDeadlines) {
  fixed_.set("app.test", address("10.0.0.1", 30s));
  fixed_.set_delay(30ms);
  Instant begun = engine_->now();

  EXPECT_EQ(resolve(fixed_, "app.test"), "10.0.0.1");
  EXPECT_GE(engine_->now() - begun, 30ms);
  EXPECT_EQ(resolve(fixed_, "app.test", Deadline::at(engine_->now() + 5ms)), "timeout");
}

TEST_F(FixedResolverTest, FailsOnceStopped) {
  fixed_.set("app.test", address("10.0.0.1", 30s));

  fixed_.stop();

  EXPECT_EQ(resolve(fixed_, "app.test"), "timeout");
}

TEST_F(FixedResolverTest, IsSparedByACacheInFrontOfIt) {
  fixed_.set("app.test", address("10.0.0.1", 30s));
  CachedResolver cached(*engine_, fixed_);

  EXPECT_EQ(resolve(cached, "app.test"), "10.0.0.1");
  EXPECT_EQ(resolve(cached, "app.test"), "10.0.0.1");
  EXPECT_EQ(fixed_.lookups(), 1U);
}

TEST_F(FixedResolverTest, IsAskedAgainWhenItsAnswerIsDoubted) {
  fixed_.set("app.test", address("10.0.0.1", 30s));
  CachedResolver cached(*engine_, fixed_, {.ttl_least = 0s});
  resolve(cached, "app.test");
  fixed_.set("app.test", address("10.0.0.2", 30s));

  cached.expire("app.test");
  engine_->turn(1ms);

  EXPECT_EQ(resolve(cached, "app.test"), "10.0.0.2");
}

TEST_F(FixedResolverTest, IsCoveredByTheCacheWhileItFails) {
  fixed_.set("app.test", address("10.0.0.1", 0s));
  CachedResolver cached(*engine_, fixed_, {.ttl_least = 0s, .failure_kept = 0s});
  resolve(cached, "app.test");

  fixed_.fail("app.test", DnsError::timeout);

  EXPECT_EQ(resolve(cached, "app.test"), "10.0.0.1 stale");
}

}  // namespace
}  // namespace gg
