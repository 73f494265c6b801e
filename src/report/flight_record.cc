// SPDX-License-Identifier: Apache-2.0
#include "report/flight_record.h"

#include <type_traits>

#include "base/text.h"

namespace gg {
namespace {

static_assert(std::is_trivially_copyable_v<FlightRecord>);

/// "/a?token=1&b=2" becomes "/a?token=…&b=…": what a query says may be a secret.
void keep_target(std::string_view target, KeptText<200>& kept) {
  std::size_t question = target.find('?');
  kept.set(target.substr(0, question));
  if (question == std::string_view::npos) return;
  std::string_view query = target.substr(question + 1);
  for (std::string_view mark = "?"; !query.empty() && !kept.is_full(); mark = "&") {
    std::size_t end = query.find('&');
    std::string_view pair = query.substr(0, end);
    std::size_t equals = pair.find('=');
    kept.append(mark);
    kept.append(pair.substr(0, equals));
    if (equals != std::string_view::npos) kept.append("=…");
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
  }
}

/// Where a field begins whose value may be a secret.
std::size_t secret_in(std::string_view bytes) {
  constexpr std::string_view names[] = {"cookie:", "authorization:"};
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (std::string_view name : names) {
      bool is_there = equal_ignoring_case(bytes.substr(at, name.size()), name);
      if (is_there) return at + name.size();
    }
  }
  return bytes.size();
}

void keep_attempt(const ExchangeRecord& record, std::size_t index, FlightAttempt& kept) {
  kept.facts = record.attempt(index);
  kept.endpoint.set(kept.facts.endpoint);
  kept.facts.endpoint = {};
  kept.circumstances = record.circumstances(index);
  std::string_view bytes = record.first_bytes(index);
  kept.first_bytes.set(bytes.substr(0, secret_in(bytes)));
}

void keep_texts(const ExchangeRecord& record, FlightRecord& kept) {
  kept.client.set(record.client_address);
  kept.peer.set(record.peer_address);
  kept.listener.set(record.listener);
  kept.method.set(record.method);
  kept.host.set(record.host);
  keep_target(record.target, kept.target);
  kept.user_agent.set(record.user_agent);
  kept.route.set(record.route);
  kept.upstream.set(record.upstream);
}

}  // namespace

void keep(const ExchangeRecord& record, std::uint64_t generation, FlightRecord& kept) {
  keep_texts(record, kept);
  kept.id = record.id;
  kept.started = record.started;
  kept.head_read = record.head_read;
  kept.queued = record.queued;
  kept.committed = record.committed;
  kept.total = record.total;
  kept.client_connection_id = record.client_connection_id;
  kept.request_head_bytes = record.request_head_bytes;
  kept.request_body_bytes = record.request_body_bytes;
  kept.response_head_bytes = record.response_head_bytes;
  kept.response_body_bytes = record.response_body_bytes;
  kept.generation = generation;
  kept.client_request_number = record.client_request_number;
  kept.attempts_made = static_cast<std::uint32_t>(record.attempts_made());
  kept.status = record.status;
  kept.version = record.version;
  kept.fault = record.fault;
  kept.message_error = record.message_error;
  kept.verdict = record.verdict;
  kept.is_tls = record.scheme == "https";
  kept.upgraded = record.upgraded;
  kept.attempts_kept = static_cast<std::uint8_t>(record.attempts_recorded());
  for (std::size_t i = 0; i < kept.attempts_kept; ++i) {
    keep_attempt(record, i, kept.all_attempts[i]);
  }
}

FlightRecord::Outcome FlightRecord::outcome() const {
  if (fault != Fault::none) return Outcome::failed;
  return first_fault() == Fault::none ? Outcome::well : Outcome::rescued;
}

Fault FlightRecord::first_fault() const {
  for (const FlightAttempt& attempt : attempts()) {
    if (attempt.facts.fault != Fault::none) return attempt.facts.fault;
  }
  return fault;
}

std::string_view name_of(FlightRecord::Outcome outcome) {
  switch (outcome) {
    case FlightRecord::Outcome::well:
      return "well";
    case FlightRecord::Outcome::rescued:
      return "rescued";
    case FlightRecord::Outcome::failed:
      return "failed";
  }
  return "";
}

}  // namespace gg
