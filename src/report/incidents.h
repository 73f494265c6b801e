// SPDX-License-Identifier: Apache-2.0
// Groups what went wrong into incidents: flight records, changes and the time in, incidents out.
// Pure; the control thread feeds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "report/flight_record.h"
#include "report/incident.h"

namespace gg {

/// The moment by both clocks.
struct Moment {
  Instant now;
  WallTime wall;
};

/// What is to be said to the operator.
struct IncidentNews {
  enum class Kind : std::uint8_t { began, ended };
  Kind kind = Kind::began;
  const Incident* incident = nullptr;  // until the next call
};

class Incidents {
 public:
  /// One ends when nothing of its kind happened for so long.
  static constexpr Duration quiet = 60s;
  /// What changed so long before it began may be why.
  static constexpr Duration suspicious = 2min;
  static constexpr std::size_t open_max = 128;
  static constexpr std::size_t kept_max = 256;  // the open ones included
  static constexpr Duration rate_window = 10s;
  /// Of faults that no client saw, so many before the operator is told.
  static constexpr std::uint64_t rescued_worth_telling = 10;

  /// One that failed or was rescued; others are ignored.
  void note(const FlightRecord& record, const Moment& moment);
  void note(Change change);
  /// How many requests that upstream has had so far, whatever became of them.
  void note_traffic(std::string_view upstream, std::uint64_t requests);
  /// Ends what has become quiet, finds out what explains what, and says what is worth saying.
  std::vector<IncidentNews> look(const Moment& moment);

  /// Goes on where an earlier process ended: those of its incidents that are still open are counted
  /// on. What has begun here meanwhile gets other numbers.
  void restore(std::vector<Incident> past, const Moment& moment);
  /// Those that changed since it was asked for last, to be written down. Valid until the next call.
  std::vector<const Incident*> take_changed();
  /// They all have to be written down again.
  void mark_all_changed();

  /// The oldest first.
  const std::deque<Incident>& all() const { return incidents_; }
  const Incident* find(std::uint64_t id) const;
  std::size_t open() const { return open_; }
  std::uint64_t begun() const { return last_id_; }
  /// Failures that belong to no incident because there are too many at once.
  std::uint64_t left_out() const { return left_out_; }

 private:
  Incident* incident_of(const IncidentKey& key, const Moment& moment);
  Incident& begin(const IncidentKey& key, const Moment& moment);
  void count(Incident& incident, const FlightRecord& record, const Moment& moment);
  void make_room();
  void end_quiet_ones(const Moment& moment, std::vector<IncidentNews>& news);
  void find_causes();

  std::deque<Incident> incidents_;
  std::deque<Change> changes_;
  std::map<std::string, std::uint64_t, std::less<>> traffic_;
  std::uint64_t last_id_ = 0;
  std::size_t open_ = 0;
  std::uint64_t left_out_ = 0;
};

/// Is `cause` why there is `effect`? By their depth (what the gateway itself lacks, then what
/// cannot be reached, then what answers badly, then what lacks endpoints), their place and their
/// time.
bool explains(const Incident& cause, const Incident& effect);

}  // namespace gg
