// SPDX-License-Identifier: Apache-2.0
#include "admin/status.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "admin/json_text.h"

namespace gg {

namespace {

using Json = nlohmann::ordered_json;

double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

Json json_of(const EndpointStatus& endpoint) {
  Json json = {{"address", endpoint.address},
               {"from", endpoint.from.empty() ? "configuration" : endpoint.from},
               {"state", endpoint.state},
               {"reason", endpoint.reason},
               {"weight", endpoint.weight},
               {"weight_configured", endpoint.weight_configured},
               {"requests_in_flight", endpoint.requests_in_flight},
               {"requests_limit", endpoint.requests_limit},
               {"connections",
                {{"active", endpoint.connections_active}, {"idle", endpoint.connections_idle}}},
               {"requests", endpoint.requests},
               {"faults", endpoint.faults},
               {"expected_ms", milliseconds(endpoint.expected)}};
  if (endpoint.standing_for > Duration::zero()) {
    json["standing_for_seconds"] =
        std::chrono::floor<std::chrono::seconds>(endpoint.standing_for).count();
  }
  return json;
}

Json json_of(const RequestTotals& totals) {
  return {{"total", totals.total},
          {"errors", totals.errors},
          {"rescued", totals.rescued},
          {"unrescued_by_budget", totals.unrescued_by_budget}};
}

Json json_of(const DiscoveryFigures& discovery) {
  Json json = {{"source", discovery.source},     {"endpoints", discovery.members},
               {"come", discovery.come},         {"gone", discovery.gone},
               {"failures", discovery.failures}, {"left_out", discovery.left_out},
               {"problem", discovery.problem}};
  if (discovery.changed_ago > Duration::zero()) {
    json["changed_seconds_ago"] =
        std::chrono::floor<std::chrono::seconds>(discovery.changed_ago).count();
  }
  return json;
}

Json json_of(const UpstreamStatus& upstream) {
  Json endpoints = Json::array();
  for (const EndpointStatus& endpoint : upstream.endpoints) endpoints.push_back(json_of(endpoint));
  Json json = {{"name", upstream.name},
               {"requests", json_of(upstream.requests)},
               {"requests_limit", upstream.requests_limit},
               {"requests_admitted", upstream.requests_admitted},
               {"requests_waiting", upstream.requests_waiting},
               {"endpoints", std::move(endpoints)}};
  if (upstream.discovery) json["discovery"] = json_of(*upstream.discovery);
  return json;
}

Json json_of(const std::vector<UpstreamStatus>& upstreams) {
  Json all = Json::array();
  for (const UpstreamStatus& upstream : upstreams) all.push_back(json_of(upstream));
  return all;
}

Json json_of(const RecentFigures& recent) {
  Json latency = Json::object();
  for (std::size_t i = 0; i < timing_count; ++i) {
    const Percentiles& its = recent.stages[i];
    latency[name_of(static_cast<Timing>(i))] = {{"count", its.count},
                                                {"p50", milliseconds(its.half)},
                                                {"p95", milliseconds(its.most)},
                                                {"p99", milliseconds(its.nearly_all)}};
  }
  return {{"seconds", recent.seconds},
          {"requests_per_second", recent.requests},
          {"errors_per_second", recent.errors},
          {"rescued_per_second", recent.rescued},
          {"latency_ms", std::move(latency)}};
}

Json json_of(const StatusReport& report) {
  Json workers = Json::array();
  std::uint64_t active = 0;
  for (const WorkerStatus& worker : report.workers) {
    workers.push_back({{"client_connections", worker.client_connections},
                       {"requests", worker.requests},
                       {"turns", worker.turns},
                       {"bytes_buffered", worker.bytes_buffered}});
  }
  for (const UpstreamStatus& upstream : report.upstreams) {
    for (const EndpointStatus& endpoint : upstream.endpoints) active += endpoint.requests_in_flight;
  }
  Json requests = json_of(report.requests);
  requests["active"] = active;
  return {{"version", report.version},
          {"pid", report.pid},
          {"uptime_seconds", std::chrono::duration<double>(report.uptime).count()},
          {"ready", report.ready},
          {"workers", std::move(workers)},
          {"listeners", report.listeners},
          {"upstreams", json_of(report.upstreams)},
          {"requests", std::move(requests)},
          {"history",
           {{"state", report.history.state},
            {"file", report.history.file},
            {"problem", report.history.problem},
            {"records_lost", report.history.lost}}},
          {"recent", json_of(report.recent)}};
}

}  // namespace

std::string to_json(const StatusReport& report) { return json_page_text(json_of(report)); }

std::string to_json_line(const StatusReport& report) { return json_line_text(json_of(report)); }

std::string upstreams_json(const StatusReport& report) {
  return json_page_text({{"upstreams", json_of(report.upstreams)}});
}

std::string endpoints_json(const StatusReport& report) {
  Json all = Json::array();
  for (const UpstreamStatus& upstream : report.upstreams) {
    for (const EndpointStatus& endpoint : upstream.endpoints) {
      Json json = {{"upstream", upstream.name}};
      json.update(json_of(endpoint));
      all.push_back(std::move(json));
    }
  }
  return json_page_text({{"endpoints", std::move(all)}});
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
    for (const EndpointStatus& part : worker[i].endpoints) {
      auto found = std::ranges::find(sums[i].endpoints, part.address, &EndpointStatus::address);
      if (found == sums[i].endpoints.end()) {
        sums[i].endpoints.push_back(part);
        continue;
      }
      EndpointStatus& sum = *found;
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
