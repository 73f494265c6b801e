// SPDX-License-Identifier: Apache-2.0
#include "admin/status.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gg {

namespace {

using Json = nlohmann::ordered_json;

double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

Json json_of(const EndpointStatus& endpoint) {
  return {{"address", endpoint.address},
          {"state", endpoint.state},
          {"reason", endpoint.reason},
          {"requests_in_flight", endpoint.requests_in_flight},
          {"requests_limit", endpoint.requests_limit},
          {"connections",
           {{"active", endpoint.connections_active}, {"idle", endpoint.connections_idle}}},
          {"requests", endpoint.requests},
          {"faults", endpoint.faults},
          {"expected_ms", milliseconds(endpoint.expected)}};
}

}  // namespace

std::string to_json(const StatusReport& report) {
  Json workers = Json::array();
  std::uint64_t active = 0;
  for (const WorkerStatus& worker : report.workers) {
    workers.push_back({{"client_connections", worker.client_connections},
                       {"requests", worker.requests},
                       {"turns", worker.turns},
                       {"bytes_buffered", worker.bytes_buffered}});
  }
  Json upstreams = Json::array();
  for (const UpstreamStatus& upstream : report.upstreams) {
    Json endpoints = Json::array();
    for (const EndpointStatus& endpoint : upstream.endpoints) {
      endpoints.push_back(json_of(endpoint));
      active += endpoint.requests_in_flight;
    }
    upstreams.push_back({{"name", upstream.name},
                         {"requests_limit", upstream.requests_limit},
                         {"requests_admitted", upstream.requests_admitted},
                         {"requests_waiting", upstream.requests_waiting},
                         {"endpoints", std::move(endpoints)}});
  }
  Json json = {{"version", report.version},
               {"pid", report.pid},
               {"uptime_seconds", std::chrono::duration<double>(report.uptime).count()},
               {"ready", report.ready},
               {"workers", std::move(workers)},
               {"listeners", report.listeners},
               {"upstreams", std::move(upstreams)},
               {"requests",
                {{"total", report.requests.total},
                 {"active", active},
                 {"errors", report.requests.errors},
                 {"rescued", report.requests.rescued},
                 {"unrescued_by_budget", report.requests.unrescued_by_budget}}}};
  // Bytes that are no UTF-8 (a Unix path may have them) are replaced, never fatal.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void merge(std::vector<UpstreamStatus>& sums, const std::vector<UpstreamStatus>& worker) {
  if (sums.empty()) {
    sums = worker;
    return;
  }
  for (std::size_t i = 0; i < sums.size() && i < worker.size(); ++i) {
    // A fixed limit is one for all workers.
    bool is_fixed = sums[i].limit_is_shared;
    if (!is_fixed) sums[i].requests_limit += worker[i].requests_limit;
    sums[i].requests_admitted += worker[i].requests_admitted;
    sums[i].requests_waiting += worker[i].requests_waiting;
    for (std::size_t j = 0; j < sums[i].endpoints.size(); ++j) {
      EndpointStatus& sum = sums[i].endpoints[j];
      const EndpointStatus& part = worker[i].endpoints[j];
      if (sum.state == "up" && part.state != "up") {
        sum.state = part.state;
        sum.reason = part.reason;
      }
      sum.requests_in_flight += part.requests_in_flight;
      sum.requests_limit += part.requests_limit;
      sum.connections_active += part.connections_active;
      sum.connections_idle += part.connections_idle;
      sum.requests += part.requests;
      sum.faults += part.faults;
      sum.expected = std::max(sum.expected, part.expected);
    }
  }
}

}  // namespace gg
