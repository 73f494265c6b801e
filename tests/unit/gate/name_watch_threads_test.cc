// SPDX-License-Identifier: Apache-2.0
// Workers on threads of their own; the watch and its resolver in simulated time, so that days pass
// at once.
#include <gtest/gtest.h>

#include "dns/fixed_resolver.h"
#include "gate/name_watch.h"
#include "unit/gate/worker_threads.h"
#include "upstream/health/health_machine.h"

namespace gg {
namespace {

class NameWatchTest : public WorkerThreads {
 protected:
  NameWatchTest() { config().upstreams[0].endpoints[0].url.host = "app.internal"; }
  ~NameWatchTest() override {
    if (!watch_) return;
    watch_->stop();
    resolver_.stop();
    world_.run(1s);
    EXPECT_TRUE(watch_->is_stopped());
  }

  FixedResolver& resolver() { return resolver_; }
  void answer(std::vector<std::string_view> ips, Duration ttl, bool is_stale = false) {
    Resolved resolved{.ttl = ttl, .is_stale = is_stale};
    for (std::string_view ip : ips) resolved.addresses.push_back(*parse_ip(ip));
    resolver_.set("app.internal", std::move(resolved));
  }
  void start(int count = 1) {
    for (int i = 0; i < count; ++i) add_worker().start({});
    watch_.emplace(control_, resolver_, config(), workers(), nullptr, &shared());
    watch_->start();
    pass(10ms);
  }
  void pass(Duration time) { world_.run(time); }
  NameWatch& watch() { return *watch_; }
  /// The endpoint cannot be connected to.
  void lose() {
    shared().health(0).change(0, world_.now(), {}, [this](const HealthState& state) {
      return after_fault(state, {.began = world_.now()}, FaultWeight::unreachable, true,
                         world_.now(), {});
    });
    watch_->wake();
  }
  /// The address that a worker connects to, or why it has none.
  static std::string known_to(WorkerThread& worker) {
    return on_worker(worker, [](Worker& its) {
      const Endpoint& endpoint = endpoint_of(its);
      return endpoint.has_address() ? to_text(endpoint.address())
                                    : std::string(text_of(endpoint.dns_error()));
    });
  }

 private:
  SimWorld world_{1};
  SimEngine control_{world_};
  FixedResolver resolver_{control_};
  std::optional<NameWatch> watch_;
};

TEST_F(NameWatchTest, EveryWorkerLearnsTheAddress) {
  answer({"10.0.0.1"}, 30s);

  start(2);

  EXPECT_EQ(known_to(worker(0)), "10.0.0.1:1");
  EXPECT_EQ(known_to(worker(1)), "10.0.0.1:1");
}

TEST_F(NameWatchTest, AnAnswerIsAskedForAgainWhenItsTimeIsOver) {
  answer({"10.0.0.1"}, 30s);
  start();
  answer({"10.0.0.2"}, 30s);

  pass(29s);
  EXPECT_EQ(known_to(worker()), "10.0.0.1:1");
  EXPECT_EQ(resolver().lookups(), 1U);

  pass(2s);
  EXPECT_EQ(known_to(worker()), "10.0.0.2:1");
  EXPECT_EQ(resolver().lookups(), 2U);
}

TEST_F(NameWatchTest, HoweverShortAnAnswersTimeItIsAskedForOnceASecond) {
  answer({"10.0.0.1"}, 0s);
  start();
  pass(10s);

  EXPECT_GE(resolver().lookups(), 10U);
  EXPECT_LE(resolver().lookups(), 12U);
}

TEST_F(NameWatchTest, HoweverLongAnAnswersTimeItIsAskedForEveryFiveMinutes) {
  answer({"10.0.0.1"}, 24h);
  start();

  pass(6min);

  EXPECT_EQ(resolver().lookups(), 2U);
}

TEST(LookupGap, IsShortAtFirstAndGrowsWhileNothingChanges) {
  EXPECT_EQ(lookup_gap(-10s), 100ms);
  EXPECT_EQ(lookup_gap(0s), 100ms);
  EXPECT_EQ(lookup_gap(50ms), 100ms);
  EXPECT_EQ(lookup_gap(400ms), 400ms);
  EXPECT_EQ(lookup_gap(1h), 2s);
}

TEST_F(NameWatchTest, AnEndpointThatCannotBeConnectedToIsLookedUpAtOnce) {
  answer({"10.0.0.1"}, 300s);
  start();
  pass(10s);
  answer({"10.0.0.2"}, 300s);
  lose();
  pass(20ms);

  EXPECT_EQ(known_to(worker()), "10.0.0.2:1");
}

TEST_F(NameWatchTest, WhileItCannotBeConnectedToItIsLookedUpLessAndLessOften) {
  answer({"10.0.0.1"}, 300s);
  start();
  pass(10s);
  std::uint64_t before = resolver().lookups();
  lose();

  pass(1s);
  std::uint64_t in_a_second = resolver().lookups() - before;
  pass(59s);
  std::uint64_t in_a_minute = resolver().lookups() - before;
  // At once, after 0.1, 0.2, 0.4, 0.8, 1.6, 3.2 s, then every 2 s.
  EXPECT_EQ(in_a_second, 5U);
  EXPECT_EQ(in_a_minute, 35U);
}

TEST_F(NameWatchTest, HoweverManyNewsThereAreALookupHasItsPause) {
  answer({"10.0.0.1"}, 300s);
  start();
  lose();
  std::uint64_t before = resolver().lookups();
  for (int i = 0; i < 90; ++i) {
    watch().wake();
    pass(1ms);
  }

  EXPECT_LE(resolver().lookups() - before, 1U);
}

TEST_F(NameWatchTest, AFailureWithoutAnEarlierAnswerSaysWhy) {
  resolver().fail("app.internal", DnsError::server_failure);
  start();
  EXPECT_EQ(known_to(worker()), "server_failure");
  EXPECT_TRUE(watch().is_settled());

  resolver().fail("app.internal", DnsError::no_address);
  pass(3s);
  EXPECT_EQ(known_to(worker()), "no_address");

  answer({"10.0.0.1"}, 30s);
  pass(3s);
  EXPECT_EQ(known_to(worker()), "10.0.0.1:1");
}

TEST_F(NameWatchTest, AFailureAfterAGoodAnswerTakesNothingAway) {
  answer({"10.0.0.1"}, 5s);
  start();
  resolver().fail("app.internal", DnsError::timeout);

  pass(1h);

  EXPECT_EQ(known_to(worker()), "10.0.0.1:1");
}

TEST_F(NameWatchTest, AStaleAnswerIsUsedAndSoonAskedForAgain) {
  answer({"10.0.0.1"}, 60s, true);
  start();
  EXPECT_EQ(known_to(worker()), "10.0.0.1:1");

  pass(3s);

  EXPECT_EQ(resolver().lookups(), 2U);
}

TEST_F(NameWatchTest, AddressesAreNotLookedUp) {
  config().upstreams[0].endpoints[0].url.host = "10.0.0.9";
  start();
  pass(1h);

  EXPECT_EQ(resolver().lookups(), 0U);
  EXPECT_TRUE(watch().is_stopped());
}

TEST_F(NameWatchTest, StoppingEndsALookupThatTakesLong) {
  resolver().set_delay(9s);
  start();
  EXPECT_FALSE(watch().is_stopped());
  EXPECT_FALSE(watch().is_settled());

  watch().stop();
  resolver().stop();
  pass(100ms);

  EXPECT_TRUE(watch().is_stopped());
}

}  // namespace
}  // namespace gg
