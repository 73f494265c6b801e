// SPDX-License-Identifier: Apache-2.0
#include "report/metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "unit/report/example_record.h"
#include "unit/report/exposition.h"

namespace gg {
namespace {

/// Two workers with the same routes and upstreams.
class MetricsTest : public testing::Test {
 protected:
  MetricsTest() : route_(routes_.slot_of("shop")), upstream_(upstreams_.slot_of("app")) {}

  /// Lets a worker see a record under the names above.
  void finish(Counters& worker, ExchangeRecord record) {
    record.route_slot = route_;
    record.upstream_slot = upstream_;
    worker.finished(record);
  }

  std::string text() const {
    const std::array<const Counters*, 2> workers = {first_.get(), second_.get()};
    return metrics_text({.workers = workers,
                         .routes = routes_,
                         .upstreams = upstreams_,
                         .version = "0.1.0",
                         .log_lines_lost = 2,
                         .started = {1'785'587'696'000'789}});
  }

  ExpositionReader exposition() const {
    ExpositionReader reader;
    reader.read(text());
    EXPECT_EQ(reader.error(), "");
    return reader;
  }

  BufferPool pool_;
  CounterSlots routes_;
  CounterSlots upstreams_;
  std::uint16_t route_;
  std::uint16_t upstream_;
  std::unique_ptr<Counters> first_ = std::make_unique<Counters>();
  std::unique_ptr<Counters> second_ = std::make_unique<Counters>();
};

TEST_F(MetricsTest, AGatewayThatDidNothingExposesZeros) {
  const ExpositionReader reader = exposition();

  ASSERT_EQ(reader.families().size(), metrics().size());
  EXPECT_EQ(reader.value("goodgate_build_info", {{"version", "0.1.0"}}), 1);
  EXPECT_EQ(reader.value("goodgate_client_connections_accepted_total", {}), 0);
  EXPECT_EQ(reader.value("goodgate_requests_total", {{"upstream", ""}, {"code", "2xx"}}), 0);
  EXPECT_EQ(reader.value("goodgate_requests_total", {{"upstream", "app"}, {"code", "2xx"}}), -1);
}

TEST_F(MetricsTest, WorkersAreAddedUp) {
  finish(*first_, plain_record(pool_));
  finish(*second_, plain_record(pool_));
  finish(*second_, failed_record(pool_));
  first_->client_connections_accepted.add(3);
  second_->client_connections_accepted.add(4);
  first_->client_connections_idle.add(5);
  second_->requests_active.add(1);
  first_->access_log_dropped.add(1);

  const ExpositionReader reader = exposition();

  EXPECT_EQ(reader.value("goodgate_requests_total", {{"upstream", "app"}, {"code", "2xx"}}), 2);
  EXPECT_EQ(reader.value("goodgate_requests_total", {{"upstream", "app"}, {"code", "5xx"}}), 1);
  EXPECT_EQ(reader.value("goodgate_route_requests_total", {{"route", "shop"}, {"code", "2xx"}}), 2);
  EXPECT_EQ(reader.value("goodgate_route_received_bytes_total", {{"route", "shop"}}), 3 * 86);
  EXPECT_EQ(reader.value("goodgate_client_connections_accepted_total", {}), 7);
  EXPECT_EQ(reader.value("goodgate_client_connections", {{"state", "idle"}}), 5);
  EXPECT_EQ(reader.value("goodgate_requests_active", {}), 1);
  EXPECT_EQ(reader.value("goodgate_access_log_dropped_lines_total", {}), 3);
  EXPECT_EQ(reader.value("goodgate_start_time_seconds", {}), 1'785'587'696.000789);
}

TEST_F(MetricsTest, FaultsAreToldByCauseAndBlame) {
  finish(*first_, failed_record(pool_));
  ExchangeRecord rescued = plain_record(pool_);
  rescued.last_attempt().fault = Fault::keep_alive_race;
  rescued.add_attempt(pool_);
  finish(*first_, std::move(rescued));

  const ExpositionReader reader = exposition();

  EXPECT_EQ(reader.value("goodgate_request_faults_total",
                         {{"upstream", "app"}, {"fault", "not_http"}, {"blame", "operator"}}),
            1);
  EXPECT_EQ(
      reader.value("goodgate_attempt_faults_total",
                   {{"upstream", "app"}, {"fault", "connect_refused"}, {"blame", "upstream"}}),
      1);
  EXPECT_EQ(
      reader.value("goodgate_requests_rescued_total",
                   {{"upstream", "app"}, {"fault", "keep_alive_race"}, {"blame", "upstream"}}),
      1);
  EXPECT_EQ(reader.value("goodgate_requests_unrescued_total",
                         {{"upstream", "app"}, {"reason", "no_budget_left"}}),
            1);
  EXPECT_EQ(reader.value("goodgate_retries_total", {{"upstream", "app"}}), 2);
  EXPECT_EQ(reader.value("goodgate_attempts_reused_total", {{"upstream", "app"}}), 1);
}

TEST_F(MetricsTest, AHistogramHasItsSumAndCount) {
  finish(*first_, plain_record(pool_));
  finish(*second_, plain_record(pool_));

  const ExpositionReader reader = exposition();

  const std::string name = "goodgate_request_duration_seconds";
  EXPECT_EQ(reader.value(name + "_count", {{"upstream", "app"}}), 2);
  EXPECT_EQ(reader.value(name + "_sum", {{"upstream", "app"}}), 0.0035);
  EXPECT_EQ(reader.value(name + "_bucket", {{"upstream", "app"}, {"le", "0.001024"}}), 0);
  EXPECT_EQ(reader.value(name + "_bucket", {{"upstream", "app"}, {"le", "0.002048"}}), 2);
  EXPECT_EQ(reader.value(name + "_bucket", {{"upstream", "app"}, {"le", "+Inf"}}), 2);
}

TEST_F(MetricsTest, ConnectionsToEndpointsAreToldByState) {
  UpstreamCounters& counters = first_->upstream(upstream_);
  counters.connections_opened.add(5);
  counters.connections_closed.add(2);
  counters.connections_active.add(1);
  counters.connections_idle.add(2);
  counters.requests_waiting.add(4);

  const ExpositionReader reader = exposition();

  EXPECT_EQ(reader.value("goodgate_upstream_connections_opened_total", {{"upstream", "app"}}), 5);
  EXPECT_EQ(reader.value("goodgate_upstream_connections_closed_total", {{"upstream", "app"}}), 2);
  EXPECT_EQ(
      reader.value("goodgate_upstream_connections", {{"upstream", "app"}, {"state", "active"}}), 1);
  EXPECT_EQ(reader.value("goodgate_upstream_connections", {{"upstream", "app"}, {"state", "idle"}}),
            2);
  EXPECT_EQ(reader.value("goodgate_requests_waiting", {{"upstream", "app"}}), 4);
}

TEST_F(MetricsTest, AnyNameMakesAValidLabel) {
  const std::string name = "a\"b\\c\nd{e}=,\xc3\xa9";
  route_ = routes_.slot_of(name);
  finish(*first_, plain_record(pool_));

  EXPECT_EQ(exposition().value("goodgate_route_requests_total", {{"route", name}, {"code", "2xx"}}),
            1);
}

TEST_F(MetricsTest, EveryTypeHasItsName) {
  EXPECT_EQ(name_of(MetricType::counter), "counter");
  EXPECT_EQ(name_of(MetricType::gauge), "gauge");
  EXPECT_EQ(name_of(MetricType::histogram), "histogram");
}

TEST_F(MetricsTest, TheProcessTellsWhatItTakes) {
  const std::array<const Counters*, 1> workers = {first_.get()};
  const std::array<Duration, 2> lags = {1500us, 2s};
  ExpositionReader reader;
  reader.read(metrics_text({.workers = workers,
                            .routes = routes_,
                            .upstreams = upstreams_,
                            .started = {},
                            .process = {.resident_bytes = 4096,
                                        .descriptors = 17,
                                        .descriptors_most = 1024,
                                        .cpu = 2500ms},
                            .worker_lags = lags}));

  EXPECT_EQ(reader.error(), "");
  EXPECT_EQ(reader.value("goodgate_memory_resident_bytes", {}), 4096);
  EXPECT_EQ(reader.value("goodgate_descriptors", {}), 17);
  EXPECT_EQ(reader.value("goodgate_descriptors_limit", {}), 1024);
  EXPECT_EQ(reader.value("goodgate_cpu_seconds_total", {}), 2.5);
  EXPECT_EQ(reader.value("goodgate_worker_lag_seconds", {{"worker", "0"}}), 0.0015);
  EXPECT_EQ(reader.value("goodgate_worker_lag_seconds", {{"worker", "1"}}), 2);
}

TEST_F(MetricsTest, OpenMetricsNamesFamiliesWithoutTheirSuffixAndEnds) {
  const std::array<const Counters*, 1> workers = {first_.get()};
  std::string text =
      metrics_text({.workers = workers, .routes = routes_, .upstreams = upstreams_, .started = {}},
                   MetricsFormat::openmetrics);

  EXPECT_NE(text.find("# TYPE goodgate_incidents counter\ngoodgate_incidents_total 0\n"),
            std::string::npos);
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
}

TEST(MetricsFormat, IsWhatTheScraperAccepts) {
  EXPECT_EQ(metrics_format_for(""), MetricsFormat::prometheus);
  EXPECT_EQ(metrics_format_for("text/plain;version=0.0.4"), MetricsFormat::prometheus);
  EXPECT_EQ(metrics_format_for("application/openmetrics-text;version=1.0.0,*/*;q=0.1"),
            MetricsFormat::openmetrics);
}

}  // namespace
}  // namespace gg
