// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "gate/operator_desk.h"
#include "unit/gate/worker_threads.h"
#include "upstream/health/health_text.h"

namespace gg {
namespace {

class OperatorDeskTest : public WorkerThreads {
 protected:
  OperatorDeskTest() : cells_(64), board_(cells_) {}

  OperatorDesk& desk() {
    if (!desk_) {
      desk_.emplace(shared(), &board_, flights_, events_);
      desk_->tell(workers());
    }
    return *desk_;
  }
  Order order(Order::Kind kind) const {
    Order order{.kind = kind, .endpoint = "127.0.0.1:1"};
    order.by = "me";
    order.from = "10.1.1.1:5";
    return order;
  }
  OrderOutcome give(const Order& order) {
    return desk().carry_out(order, {.now = control_->now(), .wall = {1'700'000'000'000'000}});
  }
  HealthState state() { return shared().health(0).state(0, control_->now()); }
  std::string_view standing() { return standing_text(state()); }
  HealthBoard& board() { return board_; }
  FlightDesk& flights() { return flights_; }
  EventFeed& events() { return events_; }

 private:
  std::vector<HealthCell> cells_;
  HealthBoard board_;
  std::unique_ptr<EpollEngine> control_ = *EpollEngine::make();
  FlightDesk flights_{config(), upstream_slots()};
  EventFeed events_{*control_};
  std::optional<OperatorDesk> desk_;
};

TEST_F(OperatorDeskTest, ADrainIsKeptAndSaysWhoWantedIt) {
  add_worker().start({});
  Order wanted = order(Order::Kind::drain);
  wanted.why = "a deploy";

  OrderOutcome outcome = give(wanted);

  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.json,
            "{\"done\": \"drain\", \"endpoint\": \"127.0.0.1:1\", \"upstreams\": [\"app\"]}\n");
  EXPECT_EQ(standing(), "draining");
  EXPECT_EQ(desk().why_it_drains("app", "127.0.0.1:1"),
            "me from 10.1.1.1:5 drained it at 2023-11-14T22:13:20Z: a deploy");
  EXPECT_EQ(desk().take_lines(),
            std::vector<std::string>{"me from 10.1.1.1:5 drains 127.0.0.1:1 of app: a deploy"});
  EXPECT_NE(events().to_json().find("drains 127.0.0.1:1 of app"), std::string::npos);
}

TEST_F(OperatorDeskTest, UndrainingEndsIt) {
  add_worker().start({});
  give(order(Order::Kind::drain));

  give(order(Order::Kind::undrain));

  EXPECT_EQ(standing(), "up");
  EXPECT_EQ(desk().why_it_drains("app", "127.0.0.1:1"), "an operator drained it");
}

TEST_F(OperatorDeskTest, WhoIsDrainedByWhatNamesItIsNotBlamedOnAnOperator) {
  add_worker().start({});
  shared().health(0).withdraw(0, true, Instant{});
  EXPECT_EQ(desk().why_it_drains("app", "127.0.0.1:1"), "what names it has it drained");

  give(order(Order::Kind::drain));

  EXPECT_NE(desk().why_it_drains("app", "127.0.0.1:1"), "what names it has it drained");
}

TEST_F(OperatorDeskTest, AnEjectedEndpointIsRestoredAtOnce) {
  add_worker().start({});
  give(order(Order::Kind::eject));
  EXPECT_EQ(standing(), "ejected");
  EXPECT_EQ(state().reason, HealthReason::by_operator);

  give(order(Order::Kind::restore));

  EXPECT_EQ(standing(), "up");
}

TEST_F(OperatorDeskTest, AWeightReachesEveryThread) {
  for (int i = 0; i < 2; ++i) add_worker().start({});
  Order wanted = order(Order::Kind::weight);
  wanted.weight = 7;
  auto weight = [this](std::size_t i) {
    return on_worker(worker(i), [](Worker& its) { return endpoint_of(its).weight; });
  };

  give(wanted);
  EXPECT_EQ(weight(0), 7U);
  EXPECT_EQ(weight(1), 7U);

  wanted.weight = 0;
  give(wanted);
  EXPECT_EQ(weight(0), 1U);
}

TEST_F(OperatorDeskTest, WhatIsNotThereIsNotFound) {
  add_worker().start({});
  Order wanted = order(Order::Kind::drain);
  wanted.upstream = "other";
  EXPECT_EQ(give(wanted).status, 404);

  wanted.upstream = "";
  wanted.endpoint = "10.0.0.9:80";
  EXPECT_EQ(give(wanted).status, 404);
  EXPECT_EQ(give(wanted).json, "{\"error\": \"no upstream has an endpoint 10.0.0.9:80\"}\n");
  EXPECT_TRUE(desk().take_lines().empty());
}

TEST_F(OperatorDeskTest, ADrainOfTheGatewayIsKnownToTheNextProcess) {
  add_worker().start({});
  Order wanted{.kind = Order::Kind::drain, .is_for_gateway = true};
  give(wanted);
  EXPECT_TRUE(desk().gateway_drains());

  EXPECT_TRUE(OperatorDesk(shared(), &board(), flights(), events()).gateway_drains());
  EXPECT_FALSE(OperatorDesk(shared(), nullptr, flights(), events()).gateway_drains());

  wanted.kind = Order::Kind::undrain;
  give(wanted);
  EXPECT_FALSE(desk().gateway_drains());
}

}  // namespace
}  // namespace gg
