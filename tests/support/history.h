// SPDX-License-Identifier: Apache-2.0
// All that is known of a simulated run when it is over: what clients sent and saw, what origins
// saw, what the gateway recorded, what was done to them. Plain data; checks.h judges it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/exchange_record.h"
#include "support/sim_client.h"
#include "support/sim_origin.h"

namespace gg {

/// Something that a run does to its world, and may explain faults with.
struct Trouble {
  enum class Kind : std::uint8_t {
    // The way to an origin.
    refuses,
    unanswered,   // black hole: connecting too
    unreachable,  // ICMP says so
    unresolved,   // its name has no address yet
    crashed,
    resets,  // connections to it are reset, now or at random
    stalls,  // bytes on connections to it stand still
    ends,    // connections to it end in good order at random
    // An origin's manners.
    closes_idle,  // kept-alive connections, without a word
    // An origin's conduct towards one request.
    never_answers,
    hangs_up,             // nothing answered: a reset or an end
    talks_nonsense,       // bytes that are no answer
    breaks_off,           // inside its answer
    falls_silent,         // inside its answer
    apologises,           // 502, 503 or 504
    does_not_read,        // the request's body
    has_another_version,  // of what others have; no fault
    refuses_streams,      // of HTTP/2
    // Of an endpoint that speaks HTTP/2, towards whole connections.
    says_goodbye,  // in good order: no request may suffer
    breaks_rules,
    // Clients.
    client_leaves,
    client_dawdles,
    client_network,  // the way between clients and the gateway loses connections
    client_nonsense,
    // The gateway.
    few_descriptors,
    few_ports,
    drains,
    last = drains,
  };

  Kind kind = Kind::refuses;
  std::optional<std::size_t> origin;     // nothing: not about an origin
  std::optional<std::uint64_t> request;  // nothing: about all
  Instant from{};
  Instant until{Duration::max()};
};

/// One attempt as it was recorded.
struct KeptAttempt {
  std::optional<std::size_t> origin;  // by its address
  Fault fault = Fault::none;
  Delivery delivery = Delivery::not_sent;
  Retry verdict = Retry::not_asked;
  int status = 0;
  std::uint64_t connection_id = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_read = 0;
  bool reused = false;
  bool hedge = false;
  bool lost = false;  // to another attempt of the same request
  Duration started{};
  Duration first_byte{};
  Duration total{};
};

/// A record, copied when it was finished.
struct KeptRecord {
  std::size_t worker = 0;
  std::optional<std::uint64_t> id;  // the simulated request's, from its target
  std::string request_id;
  std::string method;
  std::string target;
  Fault fault = Fault::none;
  MessageError message_error = MessageError::none;
  Retry verdict = Retry::not_asked;
  int status = 0;
  HttpVersion version = HttpVersion::http11;  // of its client
  bool upgraded = false;
  bool continued = false;
  Duration committed{};
  Instant started_at;
  Instant ended_at;
  std::size_t attempts_made = 0;
  std::vector<KeptAttempt> attempts;  // those that records keep
  std::uint64_t request_body_bytes = 0;
  std::uint64_t response_body_bytes = 0;
};

/// What was still there when everything should have been gone.
struct Leftovers {
  std::size_t gateway_sockets = 0;
  std::size_t gateway_buffer_bytes = 0;
  std::size_t frames = 0;
  std::int64_t client_connections = 0;    // by the gateway's own gauges
  std::int64_t upstream_connections = 0;  // lent or idle, likewise
  std::size_t network_connections = 0;
  std::size_t sessions_cut = 0;  // that did not end by themselves when the gateway drained
};

/// What the gateway was told about retries.
struct RetryRules {
  std::size_t attempts = 3;
  bool unsafe_methods = false;
  bool idempotency_key = false;
  bool continues = false;
  double budget_share = 0.2;
  double hedge_share = 0;  // of requests that may be hedged
  double budget_floor_per_second = 10;
  Duration budget_over = 10s;
};

/// Pointers are to what clients and origins keep.
struct History {
  struct Seen {
    std::size_t origin = 0;
    const SimSeenRequest* request = nullptr;
  };

  std::vector<SimRequest> sent;
  std::vector<const SimOutcome*> outcomes;
  std::size_t stray_bytes = 0;
  std::vector<Seen> seen;
  std::vector<std::string> origin_complaints;
  std::vector<KeptRecord> records;
  std::size_t origins = 0;
  std::size_t workers = 1;
  RetryRules rules;
  bool has_talkers = false;  // clients whose requests are not in `sent`

  std::vector<Trouble> troubles;
  bool troubles_are_declared = false;  // all of them: every fault must be explained by one

  Instant began;
  Instant ended;
  bool came_to_rest = true;  // clients, gateway and origins all ended in time
  std::size_t buffer_bytes_peak = 0;
  std::size_t sessions_peak = 0;
  Leftovers left;
};

/// Could `trouble` have come to light in [from, until]?
bool overlaps(const History& history, const Trouble& trouble, Instant from, Instant until);
/// Was there trouble in [from, until] at `origin` that may harm `request`?
bool has_trouble(const History& history, std::size_t origin, std::uint64_t request, Instant from,
                 Instant until);
/// Was there, at any time, trouble of that kind that may concern `request`?
bool had_trouble(const History& history, Trouble::Kind kind, std::uint64_t request);

const KeptRecord* record_of(const History& history, std::uint64_t id);
const SimOutcome* outcome_of(const History& history, std::uint64_t id);
bool is_idempotent_method(std::string_view method);
/// Did the gateway have leave to deliver it twice, one after the other?
bool may_run_twice(const History& history, const SimRequest& request);
const SimRequest* request_of(const History& history, std::uint64_t id);

/// "apologises at origin 2 to request 7": for messages.
std::string text_of(const Trouble& trouble);
std::string_view text_of(SimOutcome::How how);
/// Everything about one request, in a few lines: sent, seen, recorded, answered, troubled.
std::string story_of(const History& history, std::uint64_t id);

}  // namespace gg
