// SPDX-License-Identifier: Apache-2.0
// Gathers from the workers what the admin interface tells: by messages to them and back, so that
// nothing of a worker's is touched by another thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "admin/admin_source.h"
#include "gate/discovery_desk.h"
#include "gate/flight_desk.h"
#include "gate/operator_desk.h"
#include "gate/traffic_watch.h"
#include "gate/worker_pulse.h"
#include "gate/worker_thread.h"
#include "report/queued_log_writer.h"
#include "report/trace_exporter.h"

namespace gg {

class LimitShare;

struct StatusFacts {
  Engine& engine;  // the control thread's
  std::span<const std::unique_ptr<WorkerThread>> workers;
  const CounterSlots& routes;
  const CounterSlots& upstreams;
  SharedUpstreams* health = nullptr;        // null: its metrics are left out
  const QueuedLogWriter* log;               // null: none
  const TraceExporter* traces = nullptr;    // null: none
  const LimitShare* limit_share = nullptr;  // null: no limit is shared
  std::vector<std::string> listeners;
  std::span<const CertificateExpiry> certificates = {};  // that clients are shown
  FlightDesk* flights = nullptr;                         // null: nothing is known of any
  const HistoryKeeper* history = nullptr;                // null: it is as `without_history` says
  HistoryStatus without_history = {};
  OperatorDesk& orders;
  EventFeed& events;
  const TrafficWatch& traffic;
  const DiscoveryDesk* discovery = nullptr;  // null: nothing is looked up
  const WorkerPulse* pulse = nullptr;        // null: nothing is known of workers' lags and budgets
  const Config& config;
  std::string config_path;  // empty: there is no file
};

/// Control thread. Everything in `facts` outlives it.
class StatusSource final : public AdminSource {
 public:
  explicit StatusSource(StatusFacts facts);

  Task<StatusReport> status() override;
  std::string metrics(MetricsFormat format) override;
  Task<std::optional<std::string>> record(std::string_view id) override;
  std::string incidents() override;
  std::optional<std::string> incident(std::string_view id) override;
  std::string config() override;
  std::string history() override;
  EventFeed& events() override { return facts_.events; }
  OrderOutcome carry_out(const Order& order) override;
  bool is_ready() const override { return ready_ && !facts_.orders.gateway_drains(); }

  void set_ready(bool ready) { ready_ = ready; }

 private:
  void complete(StatusReport& report, std::span<const RequestTotals> by_upstream);
  FlightDesk* flights();
  HistoryStatus kept_history() const;

  StatusFacts facts_;
  Instant started_;
  bool ready_ = false;
};

}  // namespace gg
