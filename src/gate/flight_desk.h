// SPDX-License-Identifier: Apache-2.0
// The control thread's end of the flight records: takes them from the workers, has incidents made
// of them, says what is worth saying, and answers questions about both.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "admin/status.h"
#include "gate/history_keeper.h"
#include "gate/worker_thread.h"
#include "report/flight_records.h"
#include "report/incidents.h"
#include "upstream/health/health_event.h"

namespace gg {

/// Control thread.
class FlightDesk {
 public:
  /// `upstreams` are the names behind the slots of Counters; both outlive the desk.
  FlightDesk(const Config& config, const CounterSlots& upstreams)
      : config_(config), upstreams_(upstreams) {}

  /// Keeps on disk what is worth it; null: nothing. Outlives the desk or its next use().
  void use(HistoryKeeper* history) { history_ = history; }
  /// Gives the history all that it does not have yet.
  void save();

  /// Takes what the workers have handed over since. Some 20 times a second.
  void pump(std::span<const std::unique_ptr<WorkerThread>> workers, const Moment& moment);
  /// What is to be said to the operator since it was asked last, mostly nothing.
  std::vector<std::string> take_lines() { return std::exchange(lines_, {}); }
  /// Something changed that may become the reason for an incident.
  void note(Change change) { incidents_.note(std::move(change)); }
  void note(const HealthEvent& event, const Moment& moment);

  /// The story of that request as JSON, or nothing if it is not (or no longer) known.
  Task<std::optional<std::string>> record(std::string id) const;
  /// All incidents as JSON; one of them, or nothing if there is none with that id.
  std::string incidents(const HistoryReport& history) const;
  std::optional<std::string> incident(std::string_view id) const;
  const Incidents& all_incidents() const { return incidents_; }

 private:
  /// Records that go to disk in one second, beside those that incidents name.
  static constexpr std::size_t records_to_disk = 256;

  void take(const FlightRecord& record, const Moment& moment);
  void keep_samples(const Incident& incident);
  void keep_once(const FlightRecord& record);
  void note_traffic(std::span<const std::unique_ptr<WorkerThread>> workers);

  const Config& config_;
  const CounterSlots& upstreams_;
  FlightRecords records_;
  Incidents incidents_;
  std::vector<std::string> lines_;
  Instant next_look_{};
  HistoryKeeper* history_ = nullptr;
  bool has_past_ = false;
  std::size_t to_disk_ = 0;                    // since the last look
  std::unordered_set<std::string> are_there_;  // ids of records that went to the disk lately
};

}  // namespace gg
