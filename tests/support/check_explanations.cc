// SPDX-License-Identifier: Apache-2.0
// Every fault on record has a cause among what the run did, at that endpoint and that time. The
// table is the expectation; the product's classification is what it is held against.
#include <algorithm>
#include <initializer_list>
#include <iterator>

#include "fault/catalogue.h"
#include "support/checks.h"

namespace gg {

namespace {

using Kind = Trouble::Kind;

/// What somebody at the gateway may see of a trouble.
struct Explanation {
  Kind kind;
  std::initializer_list<Fault> faults;
};

/// A connection that goes away may do so before, while or after anything is sent or answered.
constexpr std::initializer_list<Fault> connection_lost = {
    Fault::connect_failed, Fault::reset_while_sending, Fault::early_answer_lost,
    Fault::keep_alive_race, Fault::closed_before_head, Fault::closed_after_long_wait,
    Fault::head_incomplete, Fault::body_truncated, Fault::body_reset, Fault::tunnel_cut,
    Fault::connect_refused, Fault::tls_closed_in_handshake,
    // What the endpoint, when it hears no more of the gateway, still manages to say.
    Fault::goaway_unprocessed};
constexpr std::initializer_list<Fault> time_is_up = {
    Fault::connect_timeout,     Fault::send_timeout,      Fault::head_timeout,
    Fault::body_timeout,        Fault::exchange_deadline, Fault::tunnel_cut,
    Fault::queue_wait_exceeded, Fault::overload_shed,     Fault::tls_handshake_timeout};

const Explanation explanations[] = {
    {Kind::refuses, {Fault::connect_refused}},
    {Kind::unanswered, time_is_up},
    {Kind::unreachable,
     {Fault::host_unreachable, Fault::network_unreachable, Fault::connect_prohibited}},
    {Kind::unresolved,
     {Fault::dns_timeout, Fault::dns_no_such_name, Fault::dns_server_failure, Fault::dns_no_address,
      Fault::dns_no_resolver}},
    {Kind::crashed, connection_lost},
    {Kind::resets, connection_lost},
    {Kind::stalls, time_is_up},
    {Kind::ends, connection_lost},
    {Kind::closes_idle,
     {Fault::keep_alive_race, Fault::reset_while_sending, Fault::closed_before_head,
      Fault::closed_after_long_wait, Fault::goaway_unprocessed}},
    {Kind::never_answers,
     {Fault::head_timeout, Fault::send_timeout, Fault::exchange_deadline,
      Fault::queue_wait_exceeded, Fault::overload_shed}},
    {Kind::hangs_up,
     {Fault::keep_alive_race, Fault::closed_before_head, Fault::reset_while_sending,
      Fault::closed_after_long_wait, Fault::early_answer_lost, Fault::stream_reset}},
    {Kind::talks_nonsense,
     {Fault::not_http, Fault::head_malformed, Fault::framing_conflict, Fault::head_incomplete,
      Fault::head_too_large, Fault::head_flood, Fault::upgrade_not_requested, Fault::body_bad_chunk,
      Fault::body_excess, Fault::body_truncated, Fault::trailers_too_large,
      // Its last bytes, if it hangs up on a request that it has not read. Over HTTP/2 likewise.
      Fault::body_reset, Fault::stream_reset}},
    {Kind::breaks_off,
     {Fault::head_incomplete, Fault::body_truncated, Fault::body_reset, Fault::closed_before_head,
      Fault::keep_alive_race, Fault::early_answer_lost, Fault::closed_after_long_wait,
      Fault::stream_reset}},
    {Kind::refuses_streams, {Fault::stream_refused}},
    {Kind::says_goodbye, {Fault::goaway_unprocessed}},
    {Kind::breaks_rules, {Fault::http2_violation}},
    {Kind::falls_silent,
     {Fault::head_timeout, Fault::body_timeout, Fault::exchange_deadline,
      Fault::queue_wait_exceeded, Fault::overload_shed}},
    {Kind::apologises, {Fault::upstream_error_status}},
    {Kind::does_not_read, {Fault::send_timeout, Fault::exchange_deadline}},
    {Kind::client_leaves,
     {Fault::client_gone_in_head, Fault::client_gone_in_upload, Fault::client_gone_while_waiting,
      Fault::client_gone_in_download, Fault::tunnel_cut}},
    {Kind::client_dawdles,
     {Fault::client_head_timeout, Fault::client_body_timeout, Fault::client_not_reading,
      Fault::exchange_deadline}},
    {Kind::client_network,
     {Fault::client_gone_in_head, Fault::client_gone_in_upload, Fault::client_gone_while_waiting,
      Fault::client_gone_in_download, Fault::client_head_timeout, Fault::client_body_timeout,
      Fault::client_not_reading, Fault::exchange_deadline,
      // The time for all of it may be over by when the head has come.
      Fault::queue_wait_exceeded}},
    {Kind::client_nonsense,
     {Fault::request_malformed, Fault::client_head_timeout, Fault::client_body_timeout,
      Fault::client_gone_in_head, Fault::client_gone_in_upload, Fault::client_gone_while_waiting,
      Fault::client_gone_in_download, Fault::request_head_too_large, Fault::target_too_long,
      Fault::version_not_supported, Fault::method_not_supported, Fault::coding_not_supported,
      Fault::expectation_failed, Fault::client_not_reading, Fault::exchange_deadline}},
    {Kind::few_descriptors, {Fault::descriptors_exhausted}},
    {Kind::few_ports, {Fault::ports_exhausted}},
    {Kind::drains, {Fault::gateway_draining}},
};

bool explains(const Trouble& trouble, Fault fault) {
  return std::ranges::any_of(explanations, [&](const Explanation& row) {
    return row.kind == trouble.kind &&
           std::find(row.faults.begin(), row.faults.end(), fault) != row.faults.end();
  });
}

/// By trouble at that origin (or, without one, with the client or the gateway itself). A request
/// whose head never came whole has no id: it may be any that was sent.
bool is_explained(const History& history, Fault fault, std::optional<std::size_t> origin,
                  std::optional<std::uint64_t> request, bool reused, Instant from, Instant until) {
  return std::ranges::any_of(history.troubles, [&](const Trouble& trouble) {
    // Whoever happens to be asked when the exchange's time is up, others may have used it up.
    bool anywhere = fault == Fault::exchange_deadline || !trouble.origin || !origin;
    bool is_there = anywhere || trouble.origin == origin;
    if (!is_there || !explains(trouble, fault)) return false;
    // What was too much of an answer may be met by the next request on that connection.
    bool is_leftover = reused && trouble.kind == Kind::talks_nonsense;
    // The place that a request could not have may be held by any other that an origin keeps
    // waiting.
    bool is_crowded_out = row_of(fault).stage == Stage::admission;
    bool concerns = is_leftover || is_crowded_out || !request || !trouble.request ||
                    *trouble.request == *request;
    return concerns && overlaps(history, trouble, from, until);
  });
}

}  // namespace

Complaints check_explanations(const History& history) {
  if (!history.troubles_are_declared) return {};
  Complaints complaints;
  for (const KeptRecord& record : history.records) {
    std::uint64_t id = record.id.value_or(0);
    bool final_fault_is_an_attempts = false;
    for (const KeptAttempt& attempt : record.attempts) {
      final_fault_is_an_attempts |= attempt.fault == record.fault;
      Instant from = record.started_at + attempt.started;
      if (attempt.fault == Fault::none ||
          is_explained(history, attempt.fault, attempt.origin, record.id, attempt.reused, from,
                       from + attempt.total)) {
        continue;
      }
      complaints.push_back("request " + std::to_string(id) + " met " +
                           std::string(name_of(attempt.fault)) + " at origin " +
                           std::to_string(attempt.origin.value_or(999)) +
                           ", where nothing was done that explains it");
    }
    if (record.fault == Fault::none || final_fault_is_an_attempts) continue;
    if (!is_explained(history, record.fault, std::nullopt, record.id, false, record.started_at,
                      record.ended_at)) {
      complaints.push_back("request " + std::to_string(id) + " ended with " +
                           std::string(name_of(record.fault)) + ", which nothing explains");
    }
  }
  return complaints;
}

}  // namespace gg
