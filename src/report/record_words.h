// SPDX-License-Identifier: Apache-2.0
// Sentences drawn from a flight record and the catalogue, for people. Used by admin/ and by what
// groups records into incidents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/flight_record.h"

namespace gg {

/// How it went, in one sentence without an end: "502: connect_refused at 10.0.0.1:3000".
std::string outcome_text(const FlightRecord& record);

/// Where a request was when the wait for its answer was given up, as the kernel tells it.
enum class Whereabouts : std::uint8_t {
  unknown,
  on_the_way,       // packets of it are not acknowledged, though they were sent again
  before_the_door,  // the endpoint's machine has no room for more: its service does not read
  inside,           // the endpoint's machine has all of it
};
Whereabouts whereabouts_of(const FlightAttempt& attempt);

/// What was observed about a failed attempt, most telling first: "the kernel said ECONNREFUSED".
std::vector<std::string> evidence_of(const FlightAttempt& attempt);

/// Why what failed was, or was not, followed by another attempt.
std::string_view retry_text(Retry verdict);

/// Bytes of a peer in printable ASCII: \x16 for what is none.
std::string printable(std::string_view bytes);

/// "0.25 ms", "1.2 s": to three figures.
std::string duration_text(Duration duration);

/// "ECONNREFUSED (Connection refused)".
std::string errno_text(int number);

}  // namespace gg
