// SPDX-License-Identifier: Apache-2.0
#include "upstream/admission/admission.h"

#include <gtest/gtest.h>

#include <deque>
#include <set>

#include "support/sim_pair.h"
#include "upstream/upstream.h"

namespace gg {
namespace {

constexpr std::uint32_t first_limit = 4;  // of an endpoint of which nothing is known

class AdmissionTest : public SimPair {
 protected:
  AdmissionTest() { pass(1h); }
  ~AdmissionTest() override {
    for (Visitor& visitor : visitors_) visitor.place.give_up(Fault::gateway_draining);
    pass(0ns);
    visitors_.clear();
  }

  /// A request that asks for a place, and what it was told.
  struct Visitor {
    explicit Visitor(Admission& admission) : place(admission) {}
    AdmissionPlace place;
    std::optional<Fault> told;

    bool is_in() const { return told == Fault::none; }
  };

  void add_endpoint() {
    std::string host = "10.0.0." + std::to_string(settings_.endpoints.size() + 1);
    settings_.endpoints.push_back(
        {.url = {.scheme = Scheme::http, .host = host, .port = 80, .path = {}}});
  }
  UpstreamConfig& settings() { return settings_; }
  /// Made on first use.
  Upstream& upstream() {
    if (upstream_) return *upstream_;
    health_.emplace(settings_, nullptr, nullptr, engine().now());
    EndpointContext context{.engine = engine(),
                            .settings = settings_,
                            .limits = limits_,
                            .connections = connections_,
                            .requests = requests_,
                            .quickest = quickest_,
                            .counters = counters_,
                            .last_connection_id = last_id_,
                            .health = *health_};
    return upstream_.emplace(context, std::uint16_t{1});
  }
  Admission& admission() { return upstream().admission(); }
  Endpoint& endpoint(std::size_t index) { return *upstream().endpoints()[index]; }
  std::atomic<std::uint32_t>& requests_of_all_workers() { return requests_; }
  QuickestAnswer& quickest(std::size_t index) { return quickest_[index]; }
  UpstreamCounters& counters() { return counters_; }

  Visitor& come(AdmissionPlace::Request request = {}) {
    Visitor& visitor = visitors_.emplace_back(admission());
    if (visitor.place.take_at_once()) {
      visitor.told = Fault::none;
    } else {
      begin(visitor.place.wait(request), visitor.told);
    }
    return visitor;
  }
  void come(std::uint32_t visitors) {
    for (std::uint32_t i = 0; i < visitors; ++i) come();
  }
  /// Where twenty requests would go, so much later.
  std::set<std::size_t> chosen(Duration later = {}) {
    std::set<std::size_t> indexes;
    for (int i = 0; i < 20; ++i) {
      indexes.insert(upstream().choose({}, engine().now() + later, engine().rng()).index);
    }
    return indexes;
  }
  /// The one who came first is served and gone.
  void end_first() { visitors_.pop_front(); }
  void end_all() {
    while (!visitors_.empty()) end_first();
  }

 private:
  UpstreamConfig settings_{.name = "app"};
  HeadLimits limits_;
  std::atomic<std::uint32_t> connections_{0};
  std::atomic<std::uint32_t> requests_{0};
  std::vector<QuickestAnswer> quickest_ = std::vector<QuickestAnswer>(8);
  UpstreamCounters counters_;
  std::uint64_t last_id_ = 0;
  std::optional<PoolHealth> health_;
  std::optional<Upstream> upstream_;
  std::deque<Visitor> visitors_;
};

TEST_F(AdmissionTest, LetsInAsManyAsTheEndpointsBear) {
  add_endpoint();
  add_endpoint();

  come(2 * first_limit);
  Visitor& one_more = come();

  EXPECT_EQ(admission().in_flight(), 2 * first_limit);
  EXPECT_FALSE(one_more.told);
  EXPECT_EQ(counters().requests_waiting.read(), 1);

  end_first();
  pass(0ns);
  EXPECT_TRUE(one_more.is_in());
  EXPECT_EQ(admission().in_flight(), 2 * first_limit);
  EXPECT_EQ(counters().requests_waiting.read(), 0);
}

TEST_F(AdmissionTest, WhoeverKeepsTheEndpointWaitingLeavesTheirPlaceToOthers) {
  add_endpoint();
  Visitor& slow = come();
  come(first_limit - 1);
  Visitor& next = come();

  slow.place.step_aside();
  slow.place.step_aside();
  pass(0ns);

  EXPECT_TRUE(next.is_in());
  EXPECT_EQ(admission().in_flight(), first_limit);

  slow.place.come_back();
  slow.place.come_back();

  EXPECT_EQ(admission().in_flight(), first_limit + 1);
  EXPECT_EQ(counters().requests_in_flight.read(), first_limit + 1);

  slow.place.step_aside();
  slow.place.answered();
  slow.place.come_back();

  EXPECT_EQ(admission().in_flight(), first_limit);
}

TEST_F(AdmissionTest, OfAFixedLimitNobodyStepsAside) {
  add_endpoint();
  settings().limits.requests = 1;
  Visitor& slow = come();

  slow.place.step_aside();

  EXPECT_EQ(admission().in_flight(), 1U);
}

TEST_F(AdmissionTest, AnAnswerThatCannotComeYetIsNotAwaited) {
  add_endpoint();
  upstream();
  AwaitedAnswer slow(endpoint(0), admission());
  AwaitedAnswer other(endpoint(0), admission());

  slow.step_aside();
  slow.step_aside();
  EXPECT_EQ(endpoint(0).load.awaited, 1U);

  slow.come_back();
  slow.come_back();
  EXPECT_EQ(endpoint(0).load.awaited, 2U);

  slow.step_aside();
  slow.end();
  slow.come_back();
  EXPECT_EQ(endpoint(0).load.awaited, 1U);
}

TEST_F(AdmissionTest, APlaceComesBackOnce) {
  add_endpoint();

  Visitor& visitor = come();
  visitor.place.answered();
  EXPECT_EQ(admission().in_flight(), 0U);
  visitor.place.answered();
  end_all();

  EXPECT_EQ(admission().in_flight(), 0U);
  EXPECT_EQ(counters().requests_in_flight.read(), 0);
}

TEST_F(AdmissionTest, AFixedLimitHoldsAPlaceUntilTheRequestIsOver) {
  add_endpoint();
  settings().limits.requests = 2;

  Visitor& first = come();
  first.place.answered();
  EXPECT_EQ(admission().in_flight(), 1U);
  EXPECT_EQ(requests_of_all_workers().load(), 1U);

  end_all();
  EXPECT_EQ(requests_of_all_workers().load(), 0U);
}

TEST_F(AdmissionTest, AFixedLimitCountsTheRequestsOfAllWorkers) {
  add_endpoint();
  settings().limits.requests = 2;
  requests_of_all_workers() = 1;

  come();
  Visitor& waiting = come();
  EXPECT_FALSE(waiting.told);

  requests_of_all_workers() -= 1;
  pass(5ms);
  EXPECT_TRUE(waiting.is_in());
}

TEST_F(AdmissionTest, WhoGivesUpWaitingHasNoPlace) {
  add_endpoint();
  settings().limits.requests = 1;
  come();
  Visitor& waiting = come();

  waiting.place.give_up(Fault::gateway_draining);
  waiting.place.give_up(Fault::gateway_draining);
  pass(0ns);

  EXPECT_EQ(waiting.told, Fault::gateway_draining);
  EXPECT_EQ(counters().requests_waiting.read(), 0);
  end_all();
  EXPECT_EQ(admission().in_flight(), 0U);
}

TEST_F(AdmissionTest, WhoWasLetInCannotGiveUpWaiting) {
  add_endpoint();
  settings().limits.requests = 1;
  come();
  Visitor& waiting = come();

  end_first();
  waiting.place.give_up(Fault::gateway_draining);
  pass(0ns);

  EXPECT_TRUE(waiting.is_in());
  EXPECT_EQ(admission().in_flight(), 1U);
  end_all();
  EXPECT_EQ(admission().in_flight(), 0U);
}

TEST_F(AdmissionTest, NobodyWaitsLongerThanConfigured) {
  add_endpoint();
  settings().limits = {.requests = 1, .queue = {.depth = 8, .wait = 100ms}};
  come();
  Visitor& waiting = come();

  pass(90ms);
  EXPECT_FALSE(waiting.told);
  pass(20ms);
  EXPECT_EQ(waiting.told, Fault::queue_wait_exceeded);
}

TEST_F(AdmissionTest, NoMoreWaitThanConfigured) {
  add_endpoint();
  settings().limits = {.requests = 1, .queue = {.depth = 1, .wait = 1s}};
  come();
  Visitor& waiting = come();
  Visitor& refused = come();

  EXPECT_FALSE(waiting.told);
  EXPECT_EQ(refused.told, Fault::queue_full);
  EXPECT_EQ(admission().retry_after(), 1s);
}

TEST_F(AdmissionTest, TheImportantTakeTheTurnOfTheUnimportant) {
  add_endpoint();
  settings().limits = {.requests = 1, .queue = {.depth = 1, .wait = 1s}};
  come();
  Visitor& unimportant = come({.priority = Priority::low});
  Visitor& important = come({.priority = Priority::high});
  pass(0ns);

  EXPECT_EQ(unimportant.told, Fault::overload_shed);
  end_first();
  pass(0ns);
  EXPECT_TRUE(important.is_in());
}

TEST_F(AdmissionTest, WhoHasNoTimeToWaitIsRefusedAtOnce) {
  add_endpoint();
  settings().limits.requests = 1;
  // Ten in a second get away, and somebody waits all the time.
  come(2);
  for (int i = 0; i < 10; ++i) {
    pass(100ms);
    end_first();
    come();
  }

  Visitor& hurried = come({.deadline = Deadline::after(engine().now(), 150ms)});
  Visitor& patient = come({.deadline = Deadline::after(engine().now(), 500ms)});

  EXPECT_EQ(hurried.told, Fault::overload_shed);
  EXPECT_FALSE(patient.told);
}

TEST_F(AdmissionTest, WhatIsStuckAtAnEjectedEndpointTakesNobodysPlace) {
  add_endpoint();
  add_endpoint();
  std::deque<AwaitedAnswer> stuck;
  for (std::uint32_t i = 0; i < first_limit; ++i) stuck.emplace_back(endpoint(0), admission());
  come(first_limit);
  HealthTicket(endpoint(0).health, engine().now())
      .failed(Fault::connect_refused, {}, engine().now());
  admission().limits_changed();

  EXPECT_EQ(admission().limit(), 2 * first_limit);
  stuck.clear();
  admission().limits_changed();
  EXPECT_EQ(admission().limit(), first_limit);
}

TEST_F(AdmissionTest, AnEndpointThatIsLeftAloneTakesNobody) {
  add_endpoint();
  add_endpoint();
  upstream().let_rest(endpoint(0), 3s, engine().now());
  admission().limits_changed();

  EXPECT_EQ(admission().limit(), first_limit);
}

TEST_F(AdmissionTest, ARefusalIsNoMeasureOfHowLongTheWorkTakes) {
  add_endpoint();

  AwaitedAnswer(endpoint(0), admission()).came(1ms, 0ms, 503, engine().now());
  AwaitedAnswer(endpoint(0), admission()).came(1ms, 0ms, 429, engine().now());

  EXPECT_FALSE(endpoint(0).load.adaptive.has_learned());
}

TEST_F(AdmissionTest, AWorkerLearnsFromOthersHowQuickAnEndpointCanBe) {
  add_endpoint();
  quickest(0).note(5ms, engine().now());

  AwaitedAnswer(endpoint(0), admission()).came(150ms, 0ms, 200, engine().now());

  EXPECT_LT(endpoint(0).load.adaptive.bearable(), 50ms);
}

TEST(QuickestAnswer, IsForgottenAfterAWhile) {
  QuickestAnswer quickest;
  Instant now{1h};
  EXPECT_EQ(quickest.value(now), 0ns);

  quickest.note(5ms, now);
  quickest.note(6ms, now);
  EXPECT_EQ(quickest.value(now), 5ms);

  quickest.note(6ms, now + 1s);
  EXPECT_EQ(quickest.value(now + 11s), 6ms);
  EXPECT_EQ(quickest.value(now + 12s), 0ns);
}

TEST_F(AdmissionTest, AnEndpointThatHasAsMuchAsItBearsIsPassedOver) {
  add_endpoint();
  add_endpoint();
  endpoint(1).load.awaited = first_limit;

  EXPECT_EQ(chosen(), std::set<std::size_t>{0});
}

TEST_F(AdmissionTest, WhenAllHaveAsMuchAsTheyBearARetryMayStillGoThere) {
  add_endpoint();
  add_endpoint();
  for (std::size_t i = 0; i < 2; ++i) endpoint(i).load.awaited = first_limit;

  EXPECT_EQ(chosen(), (std::set<std::size_t>{0, 1}));
}

TEST_F(AdmissionTest, AnEndpointIsProbedWhateverWaitsThere) {
  add_endpoint();
  add_endpoint();
  endpoint(1).load.awaited = first_limit;
  HealthTicket(endpoint(1).health, engine().now())
      .failed(Fault::connect_refused, {}, engine().now());

  EXPECT_EQ(chosen(500ms), std::set<std::size_t>{0});
  EXPECT_EQ(chosen(1100ms), (std::set<std::size_t>{0, 1}));
}

TEST_F(AdmissionTest, ItIsStrainedOnceNobodyIsAtEase) {
  add_endpoint();
  add_endpoint();
  std::deque<AwaitedAnswer> awaited;
  for (std::uint32_t i = 0; i < first_limit; ++i) awaited.emplace_back(endpoint(0), admission());
  EXPECT_FALSE(admission().is_strained());

  for (std::uint32_t i = 0; i < first_limit; ++i) awaited.emplace_back(endpoint(1), admission());
  EXPECT_TRUE(admission().is_strained());
}

}  // namespace
}  // namespace gg
