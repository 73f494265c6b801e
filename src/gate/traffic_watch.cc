// SPDX-License-Identifier: Apache-2.0
#include "gate/traffic_watch.h"

#include "fault/catalogue.h"

namespace gg {
namespace {

void add(RequestTotals& totals, const UpstreamCounters& counters) {
  for (const Tally& count : counters.requests) totals.total += count.read();
  for (const FaultRow& row : catalogue()) {
    std::size_t fault = index_of(row.fault);
    totals.rescued += counters.rescued[fault].read();
    bool counts = row.fault != Fault::upstream_error_status && row.blame != Blame::client;
    if (counts) totals.errors += counters.request_faults[fault].read();
  }
  auto budget = static_cast<std::size_t>(Retry::no_budget_left);
  totals.unrescued_by_budget += counters.unrescued[budget].read();
}

}  // namespace

void TrafficWatch::pump(Instant now, WallTime wall) {
  if (now < next_look_) return;
  next_look_ = now + interval;
  RequestTotals sum = sum_of(by_upstream());
  TrafficTotals all{.at = now,
                    .wall = wall,
                    .requests = sum.total,
                    .errors = sum.errors,
                    .rescued = sum.rescued,
                    .timings = {}};
  for (const std::unique_ptr<WorkerThread>& worker : workers_) {
    for (std::size_t slot = 0; slot < Counters::slots; ++slot) {
      const UpstreamCounters* counters = worker->counters().find_upstream(slot);
      if (counters == nullptr) continue;
      for (std::size_t i = 0; i < timing_count; ++i) all.timings[i].add(counters->timings[i]);
    }
  }
  recent_.add(all);
}

std::vector<RequestTotals> TrafficWatch::by_upstream() const {
  std::vector<RequestTotals> all(Counters::slots);
  for (const std::unique_ptr<WorkerThread>& worker : workers_) {
    for (std::size_t slot = 0; slot < Counters::slots; ++slot) {
      const UpstreamCounters* counters = worker->counters().find_upstream(slot);
      if (counters != nullptr) add(all[slot], *counters);
    }
  }
  return all;
}

RequestTotals TrafficWatch::sum_of(std::span<const RequestTotals> parts) {
  RequestTotals sum;
  for (const RequestTotals& part : parts) {
    sum.total += part.total;
    sum.errors += part.errors;
    sum.rescued += part.rescued;
    sum.unrescued_by_budget += part.unrescued_by_budget;
  }
  return sum;
}

}  // namespace gg
