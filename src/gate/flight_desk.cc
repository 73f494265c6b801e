// SPDX-License-Identifier: Apache-2.0
#include "gate/flight_desk.h"

#include "admin/incident_json.h"
#include "admin/record_json.h"
#include "base/text.h"
#include "report/incident_words.h"
#include "upstream/health/health_text.h"

namespace gg {

namespace {

constexpr Duration between_looks = 1s;

}  // namespace

void FlightDesk::pump(std::span<const std::unique_ptr<WorkerThread>> workers,
                      const Moment& moment) {
  bool is_time_to_look = moment.now >= next_look_;
  // Before the records: an incident that begins with them counts from here.
  if (is_time_to_look) note_traffic(workers);
  for (const std::unique_ptr<WorkerThread>& worker : workers) {
    FlightRing& ring = worker->flight_recorder().ring();
    while (const FlightRecord* record = ring.front()) {
      records_.add(*record);
      incidents_.note(*record, moment);
      ring.pop();
    }
  }
  if (!is_time_to_look) return;
  next_look_ = moment.now + between_looks;
  for (const IncidentNews& news : incidents_.look(moment)) {
    bool has_begun = news.kind == IncidentNews::Kind::began;
    lines_.push_back(has_begun ? beginning_text(*news.incident) : ending_text(*news.incident));
  }
}

void FlightDesk::note_traffic(std::span<const std::unique_ptr<WorkerThread>> workers) {
  std::span<const std::string> names = upstreams_.names();
  for (std::size_t slot = 0; slot < names.size(); ++slot) {
    std::uint64_t requests = 0;
    for (const std::unique_ptr<WorkerThread>& worker : workers) {
      const UpstreamCounters* counters = worker->counters().find_upstream(slot);
      if (counters == nullptr) continue;
      for (const Tally& count : counters->requests) requests += count.read();
    }
    if (requests > 0) incidents_.note_traffic(names[slot], requests);
  }
}

void FlightDesk::note(const HealthEvent& event, const Moment& moment) {
  incidents_.note({.kind = Change::Kind::health,
                   .when = moment.now,
                   .at = moment.wall,
                   .upstream = std::string(event.upstream),
                   .endpoint = std::string(event.endpoint),
                   .text = event_text(event)});
}

std::optional<std::string> FlightDesk::record(std::string_view id) const {
  const FlightRecord* found = records_.find(id);
  if (found == nullptr) return std::nullopt;
  return to_json(*found);
}

std::string FlightDesk::incidents() const { return to_json(incidents_, config_); }

std::optional<std::string> FlightDesk::incident(std::string_view id) const {
  std::optional<std::uint64_t> number = parse_number(id);
  const Incident* found = number ? incidents_.find(*number) : nullptr;
  if (found == nullptr) return std::nullopt;
  return to_json(*found, config_);
}

}  // namespace gg
