// SPDX-License-Identifier: Apache-2.0
// One incident: requests that failed, or had to be saved, for one cause in one place, and what is
// known about it. Plain data; Incidents fills it, incident_words says it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "fault/fault.h"
#include "http/message_error.h"
#include "record/retry_verdict.h"

namespace gg {

/// What makes two failures the same incident.
struct IncidentKey {
  std::string upstream;  // empty: none was chosen
  std::string endpoint;  // empty: it is about no single one
  Fault fault = Fault::none;

  bool operator==(const IncidentKey&) const = default;
};

/// Something that happened to the gateway or around it, and may be why.
struct Change {
  enum class Kind : std::uint8_t {
    start,
    reload,
    restart,
    drain,
    health,
    name,
    upgrade,
    members,
    last = members,
  };

  Kind kind = Kind::start;
  Instant when;
  WallTime at;
  std::string upstream;  // that it is about; empty: all
  std::string endpoint;
  std::string text;  // a sentence without an end
};

/// "reload": for programs.
std::string_view name_of(Change::Kind kind);

/// The least and the most of a duration that was met; `count` of zero: none was.
struct DurationRange {
  Duration least{};
  Duration most{};
  std::uint64_t count = 0;

  void add(Duration value);
};

/// What the failed attempts of an incident have in common. Of what is no count: the latest.
struct IncidentEvidence {
  DurationRange idle;    // of kept connections, before the request that failed on them
  DurationRange waited;  // from the attempt's start to its failure
  std::uint64_t attempts = 0;
  std::uint64_t on_reused = 0;
  std::uint64_t resets = 0;        // RST
  std::uint64_t orderly_ends = 0;  // FIN
  // Given up while waiting: where the requests were (Whereabouts).
  std::uint64_t on_the_way = 0;
  std::uint64_t before_the_door = 0;
  std::uint64_t inside = 0;
  std::uint64_t bytes_read_most = 0;
  std::int32_t error_number = 0;
  std::uint32_t protocol_code = 0;
  std::uint16_t verify_code = 0;
  std::uint16_t status = 0;
  MessageError message_error = MessageError::none;
  std::string first_bytes;  // printable
};

struct Incident {
  static constexpr std::size_t routes_kept = 8;
  static constexpr std::size_t samples_kept = 3;  // of the first, and as many of the latest
  static constexpr std::size_t changes_kept = 6;

  struct Route {
    std::string name;
    std::uint64_t requests = 0;
  };

  std::uint64_t id = 0;
  IncidentKey key;
  WallTime began;
  WallTime last_seen;
  WallTime ended;  // zero: it is still open
  Instant began_at;
  Instant last_at;

  std::uint64_t failed = 0;                            // requests whose client saw it
  std::uint64_t rescued = 0;                           // requests that another attempt saved
  std::array<std::uint64_t, retry_count> unrescued{};  // failed ones by why there was no other try
  std::uint64_t upstream_requests = 0;                 // in all, since it began; 0: not known
  std::uint64_t upstream_requests_then = 0;            // counted when it began
  std::uint64_t in_window = 0;                         // failures in the ten seconds that run
  std::uint64_t per_window_most = 0;
  Instant window_began;

  std::vector<Route> routes;
  std::vector<std::string> first_samples;  // request ids
  std::vector<std::string> last_samples;
  std::vector<Change> before;  // what had changed shortly before it began
  std::vector<Change> during;  // what happened to its endpoint since; the latest
  IncidentEvidence evidence;
  std::uint64_t explained_by = 0;  // the incident that is its cause; 0: it stands for itself
  std::uint64_t explains = 0;      // so many others
  bool was_announced = false;      // to the operator
  bool is_changed = false;         // since it was written down

  bool is_open() const { return ended.microseconds == 0; }
  std::uint64_t requests() const { return failed + rescued; }
};

}  // namespace gg
