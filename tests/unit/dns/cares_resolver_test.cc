// SPDX-License-Identifier: Apache-2.0
#include "dns/cares_resolver.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/epoll/epoll_engine.h"
#include "task/scope.h"
#include "unit/dns/fixed_resolver_fixture.h"
#include "unit/dns/name_server.h"

namespace gg {
namespace {

std::vector<std::string> texts(const Answer& answer) {
  std::vector<std::string> texts;
  if (!answer) return {std::string(text_of(answer.error()))};
  for (const Address& address : answer->addresses) texts.push_back(ip_text(address));
  std::ranges::sort(texts);
  return texts;
}

class CaresResolverTest : public testing::Test {
 protected:
  CaresResolverTest() { use({.servers = server_.address(), .timeout = 200ms, .tries = 2}); }

  void use(CaresSettings settings) {
    resolver_ = std::make_unique<CaresResolver>(*engine_, std::move(settings));
  }

  Answer resolve(const std::string& name, Duration most = 5s) {
    Scope scope(engine_->ready());
    std::optional<Answer> answer;
    scope.start(resolve_into(*resolver_, name, Deadline::after(engine_->now(), most), answer));
    turn_until_done(scope);
    return *answer;
  }

  void turn_until_done(Scope& scope) {
    while (scope.running() > 0) {
      server_.answer_all();
      engine_->turn(1ms);
    }
  }

  std::unique_ptr<EpollEngine> engine_ = *EpollEngine::make();
  NameServer server_;
  std::unique_ptr<CaresResolver> resolver_;
};

using Texts = std::vector<std::string>;

TEST_F(CaresResolverTest, FindsTheAddressesOfBothFamilies) {
  server_.set("app.test", {.v4 = {"10.0.0.1", "10.0.0.2"}, .v6 = {"2001:db8::1"}, .ttl = 30});

  Answer answer = resolve("app.test");

  EXPECT_EQ(texts(answer), (Texts{"10.0.0.1", "10.0.0.2", "2001:db8::1"}));
  EXPECT_EQ(answer->ttl, 30s);
  EXPECT_EQ(answer->addresses[0].port, 0);
  EXPECT_FALSE(answer->is_stale);
}

TEST_F(CaresResolverTest, IsContentWithOneFamily) {
  server_.set("four.test", {.v4 = {"10.0.0.1"}});
  server_.set("six.test", {.v6 = {"2001:db8::1"}});

  EXPECT_EQ(texts(resolve("four.test")), Texts{"10.0.0.1"});
  EXPECT_EQ(texts(resolve("six.test")), Texts{"2001:db8::1"});
}

TEST_F(CaresResolverTest, GivesAnAddressOnce) {
  server_.set("app.test", {.v4 = {"10.0.0.1", "10.0.0.1"}});

  EXPECT_EQ(texts(resolve("app.test")), Texts{"10.0.0.1"});
}

TEST_F(CaresResolverTest, BoundsTheTtl) {
  server_.set("app.test", {.v4 = {"10.0.0.1"}, .ttl = 0x7fffffff});

  EXPECT_EQ(resolve("app.test")->ttl, ttl_most);
}

TEST_F(CaresResolverTest, SaysThatThereIsNoSuchName) {
  EXPECT_EQ(texts(resolve("nowhere.test")), Texts{"no_such_name"});
}

TEST_F(CaresResolverTest, SaysThatANameHasNoAddress) {
  server_.set("empty.test", {});

  EXPECT_EQ(texts(resolve("empty.test")), Texts{"no_address"});
}

TEST_F(CaresResolverTest, SaysThatTheServerFailed) {
  server_.set("broken.test", {.code = NameServer::server_failure});
  server_.set("refused.test", {.code = NameServer::refused});

  EXPECT_EQ(texts(resolve("broken.test")), Texts{"server_failure"});
  EXPECT_EQ(texts(resolve("refused.test")), Texts{"server_failure"});
}

TEST_F(CaresResolverTest, SaysThatTheServerIsSilent) {
  server_.set("silent.test", {.is_silent = true});
  Instant begun = engine_->now();

  EXPECT_EQ(texts(resolve("silent.test")), Texts{"timeout"});
  EXPECT_LT(engine_->now() - begun, 4s);
  EXPECT_GE(server_.queries(), 4);  // asked again
}

TEST_F(CaresResolverTest, GivesUpAtItsDeadline) {
  server_.set("silent.test", {.is_silent = true});
  Instant begun = engine_->now();

  EXPECT_EQ(texts(resolve("silent.test", 50ms)), Texts{"timeout"});
  EXPECT_GE(engine_->now() - begun, 50ms);
  EXPECT_LT(engine_->now() - begun, 500ms);
}

TEST_F(CaresResolverTest, DoesNotFallForGarbage) {
  server_.set("garbage.test", {.is_garbage = true});

  EXPECT_FALSE(resolve("garbage.test").has_value());
}

TEST_F(CaresResolverTest, SaysThatNoServerIsThere) {
  server_.close();

  EXPECT_EQ(texts(resolve("app.test")), Texts{"no_resolver"});
}

TEST_F(CaresResolverTest, PassesOverAServerThatFails) {
  NameServer failing;
  failing.close();
  use({.servers = failing.address() + "," + server_.address(), .timeout = 200ms, .tries = 2});
  server_.set("app.test", {.v4 = {"10.0.0.1"}});

  EXPECT_EQ(texts(resolve("app.test")), Texts{"10.0.0.1"});
}

TEST_F(CaresResolverTest, TakesAddressesAsTheyAre) {
  EXPECT_EQ(texts(resolve("192.0.2.7")), Texts{"192.0.2.7"});
  EXPECT_EQ(texts(resolve("2001:db8::7")), Texts{"2001:db8::7"});
  EXPECT_EQ(resolve("192.0.2.7")->ttl, ttl_most);
  EXPECT_EQ(server_.queries(), 0);
}

TEST_F(CaresResolverTest, KnowsTheHostsFile) {
  Texts addresses = texts(resolve("localhost"));

  EXPECT_TRUE(std::ranges::find(addresses, "127.0.0.1") != addresses.end()) << addresses.front();
  EXPECT_EQ(server_.queries(), 0);
}

TEST_F(CaresResolverTest, TakesWhatIsNoNameForAnUnknownOne) {
  EXPECT_EQ(texts(resolve("")), Texts{"no_such_name"});
  EXPECT_EQ(texts(resolve(std::string(300, 'a'))), Texts{"no_such_name"});
  EXPECT_EQ(texts(resolve(std::string("app\0.test", 9))), Texts{"no_such_name"});
  EXPECT_FALSE(resolve("a..b").has_value());
  EXPECT_FALSE(resolve(std::string(70, 'a') + ".test").has_value());
  EXPECT_FALSE(resolve("sp ace/\xff.test").has_value());
}

TEST_F(CaresResolverTest, CannotUseAServerThatIsNoAddress) {
  use({.servers = "not-an-address"});

  EXPECT_EQ(texts(resolve("app.test")), Texts{"no_resolver"});
}

TEST_F(CaresResolverTest, LooksUpManyNamesAtOnce) {
  Scope scope(engine_->ready());
  std::vector<std::optional<Answer>> answers(50);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    std::string name = "app" + std::to_string(i) + ".test";
    server_.set(name, {.v4 = {"10.0.0." + std::to_string(i)}});
    scope.start(resolve_into(*resolver_, name, Deadline::after(engine_->now(), 5s), answers[i]));
  }

  turn_until_done(scope);

  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(texts(*answers[i]), Texts{"10.0.0." + std::to_string(i)});
  }
}

TEST_F(CaresResolverTest, StopsLookupsUnderWay) {
  server_.set("silent.test", {.is_silent = true});
  Scope scope(engine_->ready());
  std::optional<Answer> answer;
  scope.start(resolve_into(*resolver_, "silent.test", Deadline::never(), answer));
  Instant begun = engine_->now();

  resolver_->stop();
  turn_until_done(scope);

  EXPECT_EQ(texts(*answer), Texts{"timeout"});
  EXPECT_LT(engine_->now() - begun, 500ms);
}

TEST_F(CaresResolverTest, LeavesNoDescriptorBehind) {
  server_.set("silent.test", {.is_silent = true});
  auto lowest_free = [] {
    int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(descriptor);
    return descriptor;
  };
  resolve("nowhere.test");
  int before = lowest_free();

  for (int i = 0; i < 10; ++i) resolve("silent.test", 5ms);

  EXPECT_EQ(lowest_free(), before);
}

}  // namespace
}  // namespace gg
