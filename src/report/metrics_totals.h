// SPDX-License-Identifier: Apache-2.0
// Counts of all workers, added up by upstream and by route. The inside of metrics.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "report/metrics.h"

namespace gg {

/// Adds up one value over all workers.
template <class Read>
auto total(const MetricsSource& source, Read read) {
  decltype(read(*source.workers[0])) sum{};
  for (const Counters* worker : source.workers) sum += read(*worker);
  return sum;
}

/// Adds up one value of one upstream over the workers that know it.
template <class Read>
auto total_of_upstream(const MetricsSource& source, std::size_t slot, Read read) {
  decltype(read(*source.workers[0]->find_upstream(0))) sum{};
  for (const Counters* worker : source.workers) {
    const UpstreamCounters* counters = worker->find_upstream(slot);
    if (counters != nullptr) sum += read(*counters);
  }
  return sum;
}

template <class Read>
std::uint64_t total_of_route(const MetricsSource& source, std::size_t slot, Read read) {
  std::uint64_t sum = 0;
  for (const Counters* worker : source.workers) {
    const RouteCounters* counters = worker->find_route(slot);
    if (counters != nullptr) sum += read(*counters);
  }
  return sum;
}

inline bool knows_upstream(const MetricsSource& source, std::size_t slot) {
  for (const Counters* worker : source.workers) {
    if (worker->find_upstream(slot) != nullptr) return true;
  }
  return false;
}

inline bool knows_route(const MetricsSource& source, std::size_t slot) {
  for (const Counters* worker : source.workers) {
    if (worker->find_route(slot) != nullptr) return true;
  }
  return false;
}

/// Calls `visit(slot, name)` for each upstream that any worker has counted for.
template <class Visit>
void for_each_upstream(const MetricsSource& source, Visit visit) {
  std::span<const std::string> names = source.upstreams.names();
  for (std::size_t slot = 0; slot < names.size(); ++slot) {
    if (knows_upstream(source, slot)) visit(slot, std::string_view(names[slot]));
  }
}

template <class Visit>
void for_each_route(const MetricsSource& source, Visit visit) {
  std::span<const std::string> names = source.routes.names();
  for (std::size_t slot = 0; slot < names.size(); ++slot) {
    if (knows_route(source, slot)) visit(slot, std::string_view(names[slot]));
  }
}

}  // namespace gg
