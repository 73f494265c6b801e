// SPDX-License-Identifier: Apache-2.0
// More requests than the origins can serve, with the configuration as it comes and nobody telling
// the gateway how much they can. And situations that look like it, and are not.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/world.h"

namespace gg {

namespace {

using How = SimOutcome::How;

/// What clients saw of the requests that began within a span of time.
struct Seen {
  std::size_t served = 0;
  std::size_t refused = 0;
  std::size_t other = 0;
  std::vector<Duration> served_after;  // sorted
  std::vector<Duration> refused_after;
  std::size_t served_in_span = 0;  // ended within it, whenever they began

  std::size_t not_served() const { return refused + other; }

  static Duration quantile(const std::vector<Duration>& times, double share) {
    if (times.empty()) return {};
    auto i = static_cast<std::size_t>(share * static_cast<double>(times.size()));
    return times[std::min(i, times.size() - 1)];
  }
  Duration served_p99() const { return quantile(served_after, 0.99); }
  Duration refused_p50() const { return quantile(refused_after, 0.5); }
  Duration refused_p99() const { return quantile(refused_after, 0.99); }
};

class Overload : public testing::Test {
 protected:
  static constexpr Duration service = 50ms;
  static constexpr std::size_t slots = 10;

  explicit Overload(std::size_t origins = 3)
      : world_(Seed{11}, {.origins = origins, .clients = 1}), arrivals_(5) {
    for (std::size_t i = 0; i < origins; ++i) world_.origin(i).settings().slots = slots;
    world_.always({.delay = service});
    world_.network().set_backlog(World::address(), 4096);
    began_ = world_.sim().now();
  }

  /// So many clients with a connection each, one request after the other for as long.
  void closed_loop(std::size_t clients, std::size_t requests) {
    for (std::size_t i = 0; i < clients; ++i) {
      world_.begin({.requests = std::vector<SimRequest>(requests), .patience = 100s});
    }
  }
  /// All origins together, in requests per second.
  double capacity() const {
    return static_cast<double>(world_.origins() * slots) /
           std::chrono::duration<double>(service).count();
  }
  /// Requests at random moments, each on a connection of its own, whatever becomes of others.
  Instant load(double per_second, Duration time) {
    Instant end = world_.sim().now() + time;
    last_arrival_ = world_.sim().now();
    for (;;) {
      auto gap = -std::log(1 - arrivals_.fraction()) / per_second;
      Instant next = last_arrival_ + Duration(static_cast<Duration::rep>(gap * 1e9));
      if (next > end) break;
      last_arrival_ = next;
      if (next > world_.sim().now()) world_.run_for(next - world_.sim().now());
      world_.begin({.requests = {request_}});
    }
    world_.run_for(end - world_.sim().now());
    last_arrival_ = end;
    return end;
  }
  Seen seen(Instant from, Instant until) {
    Seen seen;
    for (const SimOutcome& outcome : world_.client().outcomes()) {
      bool is_whole = outcome.how == How::whole && outcome.status == 200;
      if (is_whole && outcome.ended >= from && outcome.ended < until) ++seen.served_in_span;
      if (outcome.began < from || outcome.began >= until) continue;
      Duration time = outcome.ended - outcome.began;
      if (is_whole) {
        ++seen.served;
        seen.served_after.push_back(time);
      } else if (outcome.status == 503) {
        ++seen.refused;
        seen.refused_after.push_back(time);
      } else {
        ++seen.other;
      }
    }
    std::ranges::sort(seen.served_after);
    std::ranges::sort(seen.refused_after);
    return seen;
  }

  World world_;
  Rng arrivals_;
  SimRequest request_{.closes = true};
  Instant began_;
  Instant last_arrival_{};
};

TEST_F(Overload, TwiceTheCapacityIsServedAtCapacity) {
  Instant calm = load(0.5 * capacity(), 3s);
  Instant end = load(2 * capacity(), 6s);
  load(0.5 * capacity(), 2s);
  world_.run();

  Seen before = seen(began_, calm);
  Seen under_load = seen(calm, end);
  Seen after = seen(end + 1s, end + 2s);

  EXPECT_EQ(before.refused, 0U);
  EXPECT_GE(static_cast<double>(under_load.served_in_span), 0.95 * capacity() * 6);
  EXPECT_LE(under_load.served_p99(), 2.5 * before.served_p99());
  EXPECT_LE(under_load.refused_p50(), 5ms);
  EXPECT_EQ(after.refused, 0U);
  EXPECT_LE(after.served_p99(), 1.5 * before.served_p99());
}

TEST_F(Overload, TenTimesTheCapacityIsServedAtCapacity) {
  Instant calm = load(0.5 * capacity(), 3s);
  Instant end = load(10 * capacity(), 4s);
  load(0.5 * capacity(), 2s);
  world_.run();

  Seen before = seen(began_, calm);
  Seen under_load = seen(calm, end);
  Seen settled = seen(calm + 500ms, end);
  Seen after = seen(end + 1s, end + 2s);

  EXPECT_EQ(before.refused, 0U);
  EXPECT_GE(static_cast<double>(under_load.served_in_span), 0.95 * capacity() * 4);
  EXPECT_LE(under_load.served_p99(), 5 * before.served_p99());
  EXPECT_LE(settled.served_p99(), 2.5 * before.served_p99());
  EXPECT_LE(under_load.refused_p50(), 5ms);
  EXPECT_EQ(after.refused, 0U);
}

TEST_F(Overload, FromIdleIsServedAtCapacityWithinASecond) {
  world_.start();
  Instant from = world_.sim().now() + 1s;
  Instant end = load(4 * capacity(), 4s);
  world_.run();

  Seen later = seen(from, end);

  EXPECT_GE(static_cast<double>(later.served_in_span), 0.95 * capacity() * 3);
  EXPECT_LE(later.served_p99(), 150ms);
  EXPECT_LE(later.refused_p50(), 5ms);
}

TEST_F(Overload, OfASuddenLossOfCapacityIsServedAtWhatIsLeft) {
  load(0.8 * capacity(), 3s);
  for (std::size_t i = 0; i < 3; ++i) world_.origin(i).settings().slots = slots / 3;
  Instant from = load(0.8 * capacity(), 2s);
  Instant end = load(0.8 * capacity(), 3s);
  world_.run();

  Seen later = seen(from, end);

  EXPECT_GE(static_cast<double>(later.served_in_span), 0.95 * 0.3 * capacity() * 3);
  EXPECT_LE(later.served_p99(), 250ms);
  EXPECT_LE(later.refused_p50(), 5ms);
}

TEST_F(Overload, WithOneSlowEndpointIsServedByTheOthers) {
  world_.origin(2).always({.delay = 5 * service});
  Instant from = load(0.4 * capacity(), 3s);
  Instant end = load(2 * capacity(), 4s);
  world_.run();

  Seen later = seen(from + 1s, end);

  EXPECT_GE(static_cast<double>(later.served_in_span), 0.95 * capacity() * 2);
  EXPECT_LE(later.refused_p50(), 5ms);
}

TEST_F(Overload, ShedsTheLeastImportantFirst) {
  RouteConfig important = world_.route();
  important.path.text = "/pay";
  important.priority = Priority::high;
  world_.config().routes.insert(world_.config().routes.begin(), important);
  load(0.5 * capacity(), 2s);
  std::vector<std::uint64_t> paid;
  for (int i = 0; i < 300; ++i) {
    load(3 * capacity(), 10ms);
    if (i < 100) continue;
    paid.push_back(world_.begin({.requests = {{.target = "/pay", .closes = true}}}).front());
  }
  world_.run();

  std::size_t served = 0;
  for (std::uint64_t id : paid) served += world_.outcome(id).status == 200 ? 1 : 0;

  EXPECT_EQ(served, paid.size());
}

TEST_F(Overload, IsNotABurstThatEndsWithinASecond) {
  load(0.3 * capacity(), 2s);
  Instant from = world_.sim().now();
  for (int i = 0; i < 200; ++i) world_.begin({.requests = {request_}});
  Instant end = load(0.3 * capacity(), 3s);
  world_.run();

  Seen all = seen(from, end);

  EXPECT_EQ(all.not_served(), 0U);
}

/// As many slots as anybody could want.
class NoOverload : public Overload {
 protected:
  explicit NoOverload(std::size_t origins = 3) : Overload(origins) {
    for (std::size_t i = 0; i < origins; ++i) world_.origin(i).settings().slots = 0;
  }
  std::size_t not_served() { return seen(began_, world_.sim().now() + 1s).not_served(); }
};

TEST_F(NoOverload, IsAThousandQuickClientsAtOnce) {
  world_.always({.delay = 1ms});
  closed_loop(1000, 10);

  world_.run();

  EXPECT_EQ(not_served(), 0U);
}

TEST_F(NoOverload, IsAThousandClientsOfASlowService) {
  world_.always({.delay = 800ms});
  closed_loop(1000, 3);

  world_.run();

  EXPECT_EQ(not_served(), 0U);
}

TEST_F(NoOverload, IsLongPolling) {
  world_.always({.delay = 20s});
  closed_loop(1000, 2);

  world_.run();

  EXPECT_EQ(not_served(), 0U);
}

TEST_F(NoOverload, IsAMixtureOfQuickAndSlowRequests) {
  class Mixture final : public SimScript {
   public:
    SimBehaviour behaviour_for(const SimSeenRequest& request) override {
      return {.delay = request.id % 3 == 0 ? Duration(600ms) : Duration(2ms)};
    }
  } mixture;
  for (std::size_t i = 0; i < 3; ++i) world_.origin(i).set_script(&mixture);
  closed_loop(400, 12);

  world_.run();

  EXPECT_EQ(not_served(), 0U);
}

TEST_F(NoOverload, IsAServiceThatBecomesSlowerByNature) {
  world_.always({.delay = 20ms});
  closed_loop(150, 150);
  world_.run_for(2s);
  world_.always({.delay = 300ms});

  world_.run();

  EXPECT_EQ(not_served(), 0U);
}

TEST_F(NoOverload, IsAGatewayThatIsShortOfTime) {
  world_.always({.delay = 2ms});
  for (int i = 0; i < 30; ++i) world_.ask({});
  closed_loop(400, 20);

  for (int i = 0; i < 100; ++i) {
    world_.gateway_engine().freeze();
    world_.run_for(60ms);
    world_.gateway_engine().thaw();
    world_.run_for(1ms);
  }
  world_.run();

  EXPECT_EQ(not_served(), 0U);
}

TEST_F(NoOverload, IsManySlowUploads) {
  world_.always({.delay = 5ms});
  load(100, 1s);
  SimRequest upload{.method = "POST", .body = 6000, .piece = 100, .pause = 100ms};
  for (int i = 0; i < 300; ++i) world_.begin({.requests = {upload}});
  Instant from = world_.sim().now();
  Instant end = load(100, 3s);
  Seen others;
  for (const SimOutcome& outcome : world_.client().outcomes()) {
    bool is_other = outcome.method == "GET" && outcome.began >= from;
    if (is_other) others.served_after.push_back(outcome.ended - outcome.began);
  }
  std::ranges::sort(others.served_after);
  std::uint32_t in_flight = world_.worker(0).upstreams().at(0).admission().in_flight();
  load(100, 5s);
  world_.run();

  EXPECT_EQ(seen(from, end + 5s).not_served(), 0U);
  EXPECT_GT(others.served_after.size(), 250U);
  EXPECT_LT(others.served_p99(), 45ms);
  EXPECT_LT(in_flight, 20U);
}

TEST(ClientPatience, EndsTheExchange) {
  World world(Seed{14}, {.origins = 1, .clients = 1});
  world.config().timeouts.request_header = "x-request-timeout";
  world.always({.delay = 5s});

  const SimOutcome& told = world.ask({.fields = {{.name = "X-Request-Timeout", .value = "250ms"}}});
  const SimOutcome& grpc =
      world.ask({.method = "POST",
                 .fields = {{.name = "content-type", .value = "application/grpc"},
                            {.name = "grpc-timeout", .value = "300m"}},
                 .body = 5});

  EXPECT_EQ(told.status, 504);
  EXPECT_LT(told.ended - told.began, 270ms);
  EXPECT_EQ(grpc.status, 504);
  EXPECT_LT(grpc.ended - grpc.began, 320ms);
}

TEST(FixedLimit, AClientThatLeavesGivesItsTurnToOthersAtOnce) {
  World world(Seed{12}, {.origins = 1});
  world.upstream().limits = {.requests = 1, .queue = {.depth = 10, .wait = 20s}};
  world.always({.delay = 5s});
  world.begin({.requests = {{}}});
  world.run_for(100ms);
  std::uint64_t gone = world.begin({.requests = {{.leaves_after = 200ms}}}).front();
  std::uint64_t next = world.begin({.requests = {{}}}).front();
  Admission& admission = world.worker(0).upstreams().at(0).admission();

  world.run_for(100ms);
  EXPECT_EQ(admission.waiting(), 2U);
  world.run_for(200ms);
  EXPECT_EQ(admission.waiting(), 1U);
  world.run();

  EXPECT_EQ(world.record(gone).fault, Fault::client_gone_while_waiting);
  EXPECT_EQ(world.times_seen(gone), 0U);
  EXPECT_EQ(world.outcome(next).status, 200);
}

TEST(FixedLimit, HoldsOverAllWorkers) {
  World world(Seed{12}, {.origins = 2, .clients = 1, .workers = 2});
  world.upstream().limits.requests = 5;
  world.always({.delay = 100ms});
  for (int i = 0; i < 40; ++i) world.begin({.requests = {{}, {}}});

  std::uint32_t most = 0;
  for (int i = 0; i < 300; ++i) {
    world.run_for(5ms);
    std::uint32_t now = 0;
    for (std::size_t w = 0; w < 2; ++w) {
      now += world.worker(w).upstreams().at(0).admission().in_flight();
    }
    most = std::max(most, now);
  }
  world.run();

  EXPECT_EQ(most, 5U);
  EXPECT_GE(world.records().size(), 80U);
}

}  // namespace

}  // namespace gg
