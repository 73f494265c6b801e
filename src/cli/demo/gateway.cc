// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/gateway.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <thread>

#include "fault/catalogue.h"

namespace gg {

namespace {

/// Enough for any traffic a person makes by hand, and few enough that each one's view of the
/// origins, which are its own, can be shown as one.
constexpr unsigned workers_most = 2;

constexpr Duration drain_patience = 1s;

}  // namespace

LoadResult demo_config(const std::string& listen, const std::vector<std::string>& origins,
                       std::string_view own_host) {
  std::string text = fmt::format(
      "listeners: [\"{}\"]\n"
      "routes: [{{ host: {}, to: origins }}, {{ to: origins }}]\n"
      "upstreams: {{ origins: [\"http://{}\"] }}\n"
      "admin: off\n"
      "log: {{ access: off }}\n",
      listen, own_host, fmt::join(origins, "\", \"http://"));
  return load_config(text, "goodgate demo");
}

DemoGateway::DemoGateway(Engine& engine, std::shared_ptr<const Config> config, Listeners listeners)
    : engine_(engine),
      config_(std::move(config)),
      listeners_(std::move(listeners)),
      snapshot_(config_, 1, routes_, upstream_names_),
      shared_upstreams_(*config_) {}

Result<void, std::string> DemoGateway::start() {
  std::vector<WorkerListener> listening;
  for (const ListeningSocket& socket : listeners_.for_worker(*config_)) {
    listening.push_back({.descriptor = socket.descriptor,
                         .address = socket.address,
                         .name = to_text(socket.address)});
  }
  WorkerShared shared{.snapshot = snapshot_,
                      .upstreams = shared_upstreams_,
                      .client_connections = client_connections_};
  unsigned wanted = std::clamp(std::thread::hardware_concurrency(), 1U, workers_most);
  while (workers_.size() < wanted) {
    Result<std::unique_ptr<WorkerThread>, IoError> worker = WorkerThread::make(shared, nullptr);
    if (!worker) break;
    workers_.push_back(std::move(*worker));
  }
  for (const std::unique_ptr<WorkerThread>& worker : workers_) worker->start(listening);
  while (std::ranges::any_of(workers_, [](const auto& worker) {
    return worker->phase() == WorkerThread::Phase::starting;
  })) {
    engine_.turn(1ms);
  }
  status_.emplace(StatusFacts{.engine = engine_,
                              .workers = workers_,
                              .routes = routes_,
                              .upstreams = upstream_names_,
                              .log = nullptr,
                              .listeners = {address_text()},
                              .orders = orders_,
                              .events = events_,
                              .traffic = traffic_,
                              .config = *config_,
                              .config_path = {}});
  if (workers_.size() == wanted && all_are(WorkerThread::Phase::accepting)) return {};
  drain();
  return Failure(std::string("the gateway could not start: out of descriptors"));
}

bool DemoGateway::all_are(WorkerThread::Phase phase) const {
  return std::ranges::all_of(workers_,
                             [phase](const auto& worker) { return worker->phase() == phase; });
}

void DemoGateway::drain() {
  for (const std::unique_ptr<WorkerThread>& worker : workers_) worker->drain();
  Deadline patience = Deadline::after(engine_.now(), drain_patience);
  while (!all_are(WorkerThread::Phase::stopped)) {
    engine_.turn(20ms);
    if (!patience.has_passed(engine_.now())) continue;
    patience = Deadline::never();
    for (const std::unique_ptr<WorkerThread>& worker : workers_) worker->cut();
  }
}

Address DemoGateway::address() const { return listeners_.for_worker(*config_).front().address; }

GatewayCounts DemoGateway::counts() const {
  GatewayCounts counts;
  std::array<std::uint64_t, fault_count> absorbed{};
  std::uint16_t others = snapshot_.slot_of(config_->routes.back());
  std::uint16_t upstream = snapshot_.upstream_slots().front();
  for (const std::unique_ptr<WorkerThread>& worker : workers_) {
    if (const RouteCounters* route = worker->counters().find_route(others)) {
      for (const Tally& count : route->requests) counts.requests_of_others += count.read();
    }
    const UpstreamCounters* seen = worker->counters().find_upstream(upstream);
    if (seen == nullptr) continue;
    for (std::size_t i = 0; i < fault_count; ++i) absorbed[i] += seen->rescued[i].read();
    counts.hedges_won += seen->hedges_won.read();
  }
  for (const FaultRow& row : catalogue()) {
    std::uint64_t count = absorbed[index_of(row.fault)];
    if (count > 0) counts.absorbed.push_back({.fault = row.fault, .count = count});
    counts.absorbed_in_all += count;
  }
  return counts;
}

}  // namespace gg
