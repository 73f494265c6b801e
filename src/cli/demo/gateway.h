// SPDX-License-Identifier: Apache-2.0
// The demo's gateway: the real one, in this process. What gate/worker_process.cc does for a
// process of its own, without admin interface, log and supervisor.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/load.h"
#include "gate/listeners.h"
#include "gate/status_source.h"
#include "gate/worker_thread.h"

namespace gg {

/// What the demo shows of the gateway's counters.
struct GatewayCounts {
  struct Absorbed {
    Fault fault = Fault::none;
    std::uint64_t count = 0;
  };
  std::uint64_t requests_of_others = 0;  // not of the built-in clients
  std::vector<Absorbed> absorbed;        // faults that no client saw; those that happened
  std::uint64_t absorbed_in_all = 0;
  std::uint64_t hedges_won = 0;  // answers that came sooner from a second attempt elsewhere
};

/// The configuration of the demo: every default, but for what is needed to have it on one screen.
/// Requests for `own_host` get a route of their own, the first, so that they are counted apart.
LoadResult demo_config(const std::string& listen, const std::vector<std::string>& origins,
                       std::string_view own_host);

/// Control thread. drain() comes before the end.
class DemoGateway {
 public:
  /// `engine` outlives the gateway; `config` was made by demo_config, `listeners` hold what it
  /// names.
  DemoGateway(Engine& engine, std::shared_ptr<const Config> config, Listeners listeners);
  DemoGateway(const DemoGateway&) = delete;
  DemoGateway& operator=(const DemoGateway&) = delete;
  ~DemoGateway() = default;

  /// Serves when this returns. Fails with a sentence.
  Result<void, std::string> start();
  /// Lets exchanges end, within a second or two.
  void drain();

  /// Where it listens.
  Address address() const;
  std::string address_text() const { return listeners_.client_addresses(*config_).front(); }

  GatewayCounts counts() const;
  /// After start().
  StatusSource& status() { return *status_; }

 private:
  bool all_are(WorkerThread::Phase phase) const;

  Engine& engine_;
  std::shared_ptr<const Config> config_;
  Listeners listeners_;
  CounterSlots routes_;
  CounterSlots upstream_names_;
  Snapshot snapshot_;
  SharedUpstreams shared_upstreams_;
  std::atomic<std::uint32_t> client_connections_{0};
  std::vector<std::unique_ptr<WorkerThread>> workers_;
  FlightDesk flights_{*config_, upstream_names_};
  EventFeed events_{engine_};
  TrafficWatch traffic_{workers_};
  OperatorDesk orders_{shared_upstreams_, nullptr, flights_, events_};
  std::optional<StatusSource> status_;
};

}  // namespace gg
