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
  if (std::optional<std::vector<Incident>> past = history_ ? history_->take_past() : std::nullopt) {
    // Later times are after a failure of the disk: the file may have missed something.
    if (std::exchange(has_past_, true)) {
      incidents_.mark_all_changed();
    } else {
      incidents_.restore(std::move(*past), moment);
    }
  }
  // Before the records: an incident that begins with them counts from here.
  if (is_time_to_look) note_traffic(workers);
  for (const std::unique_ptr<WorkerThread>& worker : workers) {
    FlightRing& ring = worker->flight_recorder().ring();
    while (const FlightRecord* record = ring.front()) {
      take(*record, moment);
      ring.pop();
    }
  }
  if (!is_time_to_look) return;
  next_look_ = moment.now + between_looks;
  for (const IncidentNews& news : incidents_.look(moment)) {
    bool has_begun = news.kind == IncidentNews::Kind::began;
    lines_.push_back(has_begun ? beginning_text(*news.incident) : ending_text(*news.incident));
  }
  save();
}

void FlightDesk::take(const FlightRecord& record, const Moment& moment) {
  records_.add(record);
  incidents_.note(record, moment);
  if (history_ == nullptr || record.outcome() == FlightRecord::Outcome::well) return;
  if (to_disk_ < records_to_disk) {
    ++to_disk_;
    keep_once(record);
  }
}

void FlightDesk::keep_once(const FlightRecord& record) {
  if (are_there_.size() >= FlightRecords::faulty_kept) are_there_.clear();
  if (are_there_.emplace(record.id.view()).second) history_->keep(record);
}

/// The ones that it names are there as long as it is.
void FlightDesk::keep_samples(const Incident& incident) {
  for (const auto* samples : {&incident.first_samples, &incident.last_samples}) {
    for (const std::string& id : *samples) {
      if (are_there_.contains(id)) continue;
      const FlightRecord* record = records_.find(id);
      if (record != nullptr) keep_once(*record);
    }
  }
}

void FlightDesk::save() {
  to_disk_ = 0;
  if (history_ == nullptr) return;
  if (history_->takes_incidents()) {
    for (const Incident* incident : incidents_.take_changed()) {
      keep_samples(*incident);
      history_->keep(*incident);
    }
  }
  history_->write();
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

Task<std::optional<std::string>> FlightDesk::record(std::string id) const {
  const FlightRecord* found = records_.find(id);
  if (found != nullptr) co_return to_json(*found);
  bool may_be_kept = history_ != nullptr && id.size() >= FlightRecords::shortest_prefix;
  if (!may_be_kept) co_return std::nullopt;
  std::optional<std::string> kept = co_await history_->find_record(std::move(id));
  co_return kept;
}

std::string FlightDesk::incidents(const HistoryReport& history) const {
  return to_json(incidents_, config_, history);
}

std::optional<std::string> FlightDesk::incident(std::string_view id) const {
  std::optional<std::uint64_t> number = parse_number(id);
  const Incident* found = number ? incidents_.find(*number) : nullptr;
  if (found == nullptr) return std::nullopt;
  return to_json(*found, config_);
}

}  // namespace gg
