// SPDX-License-Identifier: Apache-2.0
// How the gateway is, as plain data: gathered by gate/, told by the admin interface and by
// `goodgate status`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "discovery/figures.h"
#include "report/recent.h"

namespace gg {

struct RequestTotals {
  std::uint64_t total = 0;
  std::uint64_t errors = 0;   // that the gateway had to make: 5xx of its own, aborted responses
  std::uint64_t rescued = 0;  // would have failed but for another attempt
  std::uint64_t unrescued_by_budget = 0;
};

struct EndpointStatus {
  std::string address;      // "10.0.0.1:3000"
  std::string from;         // who named it: "file /etc/shop/app"; empty: the configuration
  std::string state;        // "up", "ejected", "probing", "unresolved", "leaving"
  std::string reason;       // why it is not up; empty else
  Duration standing_for{};  // how long its state has not changed; zero: it never did
  std::uint32_t weight = 1;
  std::uint32_t weight_configured = 1;
  std::uint64_t requests_in_flight = 0;
  std::uint64_t requests_limit = 0;  // learned: so many at once are let in for it
  std::uint64_t connections_active = 0;
  std::uint64_t connections_idle = 0;
  std::uint64_t requests = 0;
  std::uint64_t faults = 0;
  Duration expected{};  // of a response's first byte; zero: never measured
};

struct UpstreamStatus {
  std::string name;
  std::uint64_t requests_limit = 0;     // so many are let in at once
  bool limit_is_shared = false;         // it is one for all workers; learned ones add up
  std::uint64_t requests_admitted = 0;  // that are in
  std::uint64_t requests_waiting = 0;   // that are not let in yet
  RequestTotals requests;
  std::vector<EndpointStatus> endpoints;  // in the configuration's order, then who was discovered
  std::optional<DiscoveryFigures> discovery;
};

struct WorkerStatus {
  std::uint64_t client_connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t turns = 0;           // of its engine
  std::uint64_t bytes_buffered = 0;  // in lent buffers
  std::vector<UpstreamStatus> upstreams;
};

/// Whether incidents outlive the worker process.
struct HistoryReport {
  std::string state;    // "off", "opening", "kept", "broken"
  std::string file;     // empty: none is wanted
  std::string problem;  // why it is broken
  std::uint64_t lost = 0;
};

struct StatusReport {
  std::string version;
  std::int64_t pid = 0;
  Duration uptime{};
  bool ready = false;
  std::vector<std::string> listeners;
  std::vector<WorkerStatus> workers;
  std::vector<UpstreamStatus> upstreams;  // summed over the workers
  RequestTotals requests;
  HistoryReport history;
  RecentFigures recent;
};

/// One JSON object, pretty-printed; its keys are an interface.
std::string to_json(const StatusReport& report);
/// The same on one line.
std::string to_json_line(const StatusReport& report);
/// {"upstreams": […]}, as in the whole report.
std::string upstreams_json(const StatusReport& report);
/// {"endpoints": […]}, each with the name of its upstream.
std::string endpoints_json(const StatusReport& report);

/// Adds what one worker knows of upstreams to the sums: counts add up, the worst state wins.
/// Endpoints that one of them has not heard of yet, or has forgotten, are there all the same.
void merge(std::vector<UpstreamStatus>& sums, const std::vector<UpstreamStatus>& worker);

}  // namespace gg
