// SPDX-License-Identifier: Apache-2.0
// The promises as checks of a whole run. Each looks at one History and says what is wrong with it;
// World runs all of them at the end of every simulation.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/history.h"

namespace gg {

/// Sentences; empty: all is well.
using Complaints = std::vector<std::string>;

/// Every request that was sent has one outcome; every one received has one record, which says what
/// its client saw; every failure of the gateway's own explains itself.
Complaints check_records(const History& history);

/// No request whose method is not idempotent reached an application twice; none reached one that
/// was not sent, or in pieces passed off as whole.
Complaints check_delivery(const History& history);

/// No answer passed off as whole that was not, none malformed, no byte of another exchange.
Complaints check_answers(const History& history);

/// Deliveries stay within requests, the retry budget's share of them, and its floor.
Complaints check_amplification(const History& history);

/// Nothing is left at the end, and what was lent at once was bounded.
Complaints check_leftovers(const History& history);

/// Everything came to an end in bounded virtual time, without anybody being cut off or giving up.
Complaints check_time(const History& history);

/// Every fault on record is explained by something that was done (if the run declares all of it).
Complaints check_explanations(const History& history);

/// What the gateway is able to do about failures. What it is not able to do it is not blamed for.
struct Capabilities {
  bool hold_back = true;  // of the first bytes, so that an early truncation is recoverable
  bool hedging = true;    // of requests to an endpoint that hangs, within the deadline
  // Unsafe methods never meet a connection about to close. Not quite yet: one that was proven may
  // be closed just then (seeds 676 and 3107 of the swarm).
  bool keep_alive_guard = false;
  bool body_replay = true;  // a request body already begun can be sent again
};
inline constexpr Capabilities present_capabilities{};

/// No avoidable error, by the definition in docs/product.md and with full knowledge of the run.
Complaints check_avoidable(const History& history, const Capabilities& capabilities);
inline Complaints check_avoidable(const History& history) {
  return check_avoidable(history, present_capabilities);
}

struct Check {
  std::string_view name;
  Complaints (*run)(const History&);
};
std::span<const Check> all_checks();

/// What all checks say, each complaint with its check's name in front.
Complaints check_all(const History& history);

}  // namespace gg
