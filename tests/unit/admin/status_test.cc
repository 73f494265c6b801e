// SPDX-License-Identifier: Apache-2.0
#include "admin/status.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

EndpointStatus endpoint_of(std::string state, std::string reason = "") {
  return {.address = "10.0.0.1:3000",
          .state = std::move(state),
          .reason = std::move(reason),
          .standing_for = 3500ms,
          .weight = 2,
          .requests_in_flight = 1,
          .requests_limit = 17,
          .connections_active = 2,
          .connections_idle = 3,
          .requests = 4,
          .faults = 5,
          .expected = 1500us};
}

std::vector<UpstreamStatus> app_with(EndpointStatus endpoint) {
  return {{.name = "app",
           .requests_limit = 14,
           .requests_admitted = 15,
           .requests_waiting = 16,
           .requests = {.total = 20, .errors = 21, .rescued = 22, .unrescued_by_budget = 23},
           .endpoints = {std::move(endpoint)}}};
}

TEST(Status, EveryKeyIsAnInterface) {
  StatusReport report{
      .version = "1.2.3",
      .pid = 42,
      .uptime = 2500ms,
      .ready = true,
      .listeners = {"127.0.0.1:8080"},
      .workers = {{.client_connections = 6, .requests = 7, .turns = 8, .bytes_buffered = 9}},
      .upstreams = app_with(endpoint_of("ejected", "5 faults in a row")),
      .requests = {.total = 10, .errors = 11, .rescued = 12, .unrescued_by_budget = 13},
      .history = {.state = "broken", .file = "/x/history.db", .problem = "full", .lost = 14},
      .recent = {.seconds = 10, .requests = 5, .errors = 0.5, .rescued = 0.25, .stages = {}}};
  report.recent.stages[static_cast<std::size_t>(Timing::total)] = {
      .count = 4, .half = 1500us, .most = 2ms, .nearly_all = 2500us};

  EXPECT_EQ(to_json(report), R"({
  "version": "1.2.3",
  "pid": 42,
  "uptime_seconds": 2.5,
  "ready": true,
  "workers": [
    {
      "client_connections": 6,
      "requests": 7,
      "turns": 8,
      "bytes_buffered": 9
    }
  ],
  "listeners": [
    "127.0.0.1:8080"
  ],
  "upstreams": [
    {
      "name": "app",
      "requests": {
        "total": 20,
        "errors": 21,
        "rescued": 22,
        "unrescued_by_budget": 23
      },
      "requests_limit": 14,
      "requests_admitted": 15,
      "requests_waiting": 16,
      "endpoints": [
        {
          "address": "10.0.0.1:3000",
          "from": "configuration",
          "state": "ejected",
          "reason": "5 faults in a row",
          "weight": 2,
          "weight_configured": 1,
          "requests_in_flight": 1,
          "requests_limit": 17,
          "connections": {
            "active": 2,
            "idle": 3
          },
          "requests": 4,
          "faults": 5,
          "expected_ms": 1.5,
          "standing_for_seconds": 3
        }
      ]
    }
  ],
  "requests": {
    "total": 10,
    "errors": 11,
    "rescued": 12,
    "unrescued_by_budget": 13,
    "active": 1
  },
  "history": {
    "state": "broken",
    "file": "/x/history.db",
    "problem": "full",
    "records_lost": 14
  },
  "recent": {
    "seconds": 10.0,
    "requests_per_second": 5.0,
    "errors_per_second": 0.5,
    "rescued_per_second": 0.25,
    "latency_ms": {
      "queue": {
        "count": 0,
        "p50": 0.0,
        "p95": 0.0,
        "p99": 0.0
      },
      "connect": {
        "count": 0,
        "p50": 0.0,
        "p95": 0.0,
        "p99": 0.0
      },
      "tls": {
        "count": 0,
        "p50": 0.0,
        "p95": 0.0,
        "p99": 0.0
      },
      "first_byte": {
        "count": 0,
        "p50": 0.0,
        "p95": 0.0,
        "p99": 0.0
      },
      "total": {
        "count": 4,
        "p50": 1.5,
        "p95": 2.0,
        "p99": 2.5
      }
    }
  }
}
)");
}

TEST(Status, BytesThatAreNoTextDoNotBreakIt) {
  StatusReport report{.listeners = {"unix:/run/\xff.sock"}};

  EXPECT_NE(to_json(report).find("unix:/run/\xEF\xBF\xBD.sock"), std::string::npos);
}

TEST(Status, WorkersAddUp) {
  std::vector<UpstreamStatus> sums;
  merge(sums, app_with(endpoint_of("up")));
  EndpointStatus slower = endpoint_of("up");
  slower.expected = 9ms;
  merge(sums, app_with(slower));

  const EndpointStatus& sum = sums.at(0).endpoints.at(0);
  EXPECT_EQ(sums.at(0).requests_limit, 28U);
  EXPECT_EQ(sums.at(0).requests_admitted, 30U);
  EXPECT_EQ(sums.at(0).requests_waiting, 32U);
  EXPECT_EQ(sum.requests_limit, 34U);
  EXPECT_EQ(sum.requests_in_flight, 2U);
  EXPECT_EQ(sum.connections_active, 4U);
  EXPECT_EQ(sum.connections_idle, 6U);
  EXPECT_EQ(sum.requests, 8U);
  EXPECT_EQ(sum.faults, 10U);
  EXPECT_EQ(sum.expected, 9ms);
  EXPECT_EQ(sum.state, "up");
}

TEST(Status, ALimitForAllWorkersTogetherIsNoSum) {
  std::vector<UpstreamStatus> fixed = app_with(endpoint_of("up"));
  fixed.front().limit_is_shared = true;
  std::vector<UpstreamStatus> sums;
  merge(sums, fixed);
  merge(sums, fixed);

  EXPECT_EQ(sums.at(0).requests_limit, 14U);
  EXPECT_EQ(sums.at(0).requests_admitted, 30U);
}

TEST(Status, TheFirstWorkerThatIsNotUpSaysWhy) {
  std::vector<UpstreamStatus> sums;
  merge(sums, app_with(endpoint_of("up")));
  merge(sums, app_with(endpoint_of("ejected", "why")));
  merge(sums, app_with(endpoint_of("probing")));

  EXPECT_EQ(sums.at(0).endpoints.at(0).state, "ejected");
  EXPECT_EQ(sums.at(0).endpoints.at(0).reason, "why");
}

TEST(Status, AWorkerThatDidNotAnswerChangesNothing) {
  std::vector<UpstreamStatus> sums;
  merge(sums, app_with(endpoint_of("up")));

  merge(sums, {});

  EXPECT_EQ(sums.at(0).endpoints.at(0).requests, 4U);
}

}  // namespace
}  // namespace gg
