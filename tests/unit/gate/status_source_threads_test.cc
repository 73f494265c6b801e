// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/version.h"
#include "gate/status_source.h"
#include "unit/gate/worker_threads.h"

namespace gg {
namespace {

Task<void> keep_status(StatusSource& source, std::optional<StatusReport>& kept) {
  StatusReport report = co_await source.status();
  kept = std::move(report);
}

class StatusSourceTest : public WorkerThreads {
 protected:
  StatusSource& source() {
    if (!source_) {
      traffic_.emplace(workers());
      orders_.emplace(shared(), nullptr, flights_, events_);
      orders_->tell(workers());
      source_.emplace(StatusFacts{.engine = *control_,
                                  .workers = workers(),
                                  .routes = route_slots(),
                                  .upstreams = upstream_slots(),
                                  .log = nullptr,
                                  .listeners = {"127.0.0.1:8080"},
                                  .orders = *orders_,
                                  .events = events_,
                                  .traffic = *traffic_,
                                  .config = config(),
                                  .config_path = {}});
    }
    return *source_;
  }
  StatusReport status() {
    StatusSource& asked = source();
    Scope scope(control_->ready());
    std::optional<StatusReport> kept;
    scope.start(keep_status(asked, kept));
    while (scope.running() > 0) control_->turn(10ms);
    return std::move(*kept);
  }

 private:
  std::unique_ptr<EpollEngine> control_ = *EpollEngine::make();
  FlightDesk flights_{config(), upstream_slots()};
  EventFeed events_{*control_};
  std::optional<TrafficWatch> traffic_;
  std::optional<OperatorDesk> orders_;
  std::optional<StatusSource> source_;
};

TEST_F(StatusSourceTest, EveryWorkerTellsAndUpstreamsAreSummed) {
  Door door;
  for (int i = 0; i < 2; ++i) add_worker().start({door.listener()});
  for (int i = 0; i < 8; ++i) door.ask(last_request());

  StatusReport report = status();

  EXPECT_EQ(report.version, version());
  EXPECT_EQ(report.pid, getppid());
  EXPECT_EQ(report.listeners, std::vector<std::string>{"127.0.0.1:8080"});
  ASSERT_EQ(report.workers.size(), 2U);
  EXPECT_EQ(report.workers[0].requests + report.workers[1].requests,
            report.upstreams.at(0).endpoints.at(0).requests);
  EXPECT_EQ(report.upstreams[0].endpoints[0].address, "127.0.0.1:1");
  EXPECT_GE(report.upstreams[0].endpoints[0].faults, 8U);
  EXPECT_EQ(report.requests.total, 8U);
  EXPECT_EQ(report.requests.errors, 8U);
}

TEST_F(StatusSourceTest, AnEjectedEndpointSaysWhyAndUntilWhen) {
  add_worker().start({});
  on_worker(worker(), [](Worker& its) {
    Instant now = its.engine().now();
    HealthTicket(endpoint_of(its).health, now).failed(Fault::connect_refused, {}, now);
    return true;
  });

  StatusReport report = status();

  const EndpointStatus& endpoint = report.upstreams.at(0).endpoints.at(0);
  EXPECT_EQ(endpoint.state, "ejected");
  EXPECT_EQ(endpoint.reason, "connect_refused; tried again in 1 s");
}

TEST_F(StatusSourceTest, AnEndpointWithoutAnAddressSaysWhy) {
  config().upstreams[0].endpoints[0].url.host = "app.internal";
  add_worker().start({});
  on_worker(worker(), [](Worker& its) {
    endpoint_of(its).set_unresolved(DnsError::no_such_name);
    return true;
  });

  StatusReport report = status();

  EXPECT_EQ(report.upstreams.at(0).endpoints.at(0).state, "unresolved");
  EXPECT_EQ(report.upstreams.at(0).endpoints.at(0).reason, "dns_no_such_name");
}

TEST_F(StatusSourceTest, AnEndpointThatServesIsUp) {
  add_worker().start({});

  StatusReport report = status();

  EXPECT_EQ(report.upstreams.at(0).endpoints.at(0).state, "up");
  EXPECT_EQ(report.upstreams.at(0).endpoints.at(0).reason, "");
}

TEST_F(StatusSourceTest, AWorkerThatDoesNotAnswerHidesNobodyElse) {
  add_worker();
  add_worker().start({});

  StatusReport report = status();

  ASSERT_EQ(report.workers.size(), 2U);
  EXPECT_EQ(report.workers[0].turns, 0U);
  EXPECT_GT(report.workers[1].turns, 0U);
  EXPECT_EQ(report.upstreams.size(), 1U);
}

TEST_F(StatusSourceTest, ReadinessIsWhatItWasTold) {
  add_worker().start({});
  EXPECT_FALSE(source().is_ready());
  source().set_ready(true);

  EXPECT_TRUE(source().is_ready());
  EXPECT_TRUE(status().ready);
}

TEST_F(StatusSourceTest, MetricsCountWhatWorkersDid) {
  Door door;
  add_worker().start({door.listener()});
  for (int i = 0; i < 3; ++i) door.ask(last_request());

  std::string metrics = source().metrics(MetricsFormat::prometheus);

  EXPECT_NE(metrics.find("goodgate_client_connections_accepted_total 3\n"), std::string::npos)
      << metrics.substr(0, 2000);
}

TEST_F(StatusSourceTest, ADrainedEndpointSaysWhoWantedItAndADrainedGatewayIsNotReady) {
  add_worker().start({});
  source().set_ready(true);

  source().carry_out({.kind = Order::Kind::drain, .endpoint = "127.0.0.1:1", .by = "me"});
  source().carry_out({.kind = Order::Kind::drain, .is_for_gateway = true});

  StatusReport report = status();
  EXPECT_EQ(report.upstreams.at(0).endpoints.at(0).state, "draining");
  EXPECT_TRUE(report.upstreams[0].endpoints[0].reason.starts_with("me drained it at "));
  EXPECT_FALSE(report.ready);
}

}  // namespace
}  // namespace gg
