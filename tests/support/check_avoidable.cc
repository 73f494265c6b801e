// SPDX-License-Identifier: Apache-2.0
// The oracle of promise 1: an error is avoidable when a healthy endpoint existed, the request was
// safe to send there, no byte of the response had been passed on, and deadline and budget allowed
// another attempt. It knows what was done to every origin; the gateway does not.
#include <algorithm>

#include "fault/catalogue.h"
#include "support/checks.h"

namespace gg {

namespace {

using How = SimOutcome::How;

bool is_error(const SimOutcome& outcome) {
  switch (outcome.how) {
    case How::whole:
      return outcome.status == 502 || outcome.status == 503 || outcome.status == 504;
    case How::nothing:
    case How::cut:
    case How::late:
      return true;
    case How::pending:
    case How::refused:
    case How::malformed:
    case How::left:
      return false;
  }
  return false;
}

/// Was there an endpoint, free of trouble as long as the exchange went on, where it never was?
std::optional<std::size_t> untried_healthy_origin(const History& history,
                                                  const KeptRecord& record) {
  for (std::size_t i = 0; i < history.origins; ++i) {
    bool tried = std::ranges::any_of(
        record.attempts, [i](const KeptAttempt& attempt) { return attempt.origin == i; });
    if (tried) continue;
    if (has_trouble(history, i, *record.id, record.started_at, record.ended_at)) continue;
    return i;
  }
  return std::nullopt;
}

/// Could it be sent again without a risk that it runs twice, as far as the gateway can know?
bool was_safe(const History& history, const KeptRecord& record, const SimRequest& request) {
  if (may_run_twice(history, request)) return true;
  return std::ranges::all_of(record.attempts, [](const KeptAttempt& attempt) {
    return attempt.delivery == Delivery::not_sent || attempt.delivery == Delivery::declined;
  });
}

bool arrived(const History& history, std::uint64_t request) {
  return std::ranges::any_of(
      history.seen, [&](const History::Seen& seen) { return seen.request->id == request; });
}

/// Was it lost on a connection that its origin, which had no other trouble, closed for being idle?
bool met_an_idle_close(const History& history, const KeptRecord& record) {
  if (record.attempts.empty() || arrived(history, *record.id)) return false;
  const KeptAttempt& last = record.attempts.back();
  bool may_have = last.reused && last.origin && last.bytes_read == 0 &&
                  row_of(last.fault).retry_on == RetryCondition::reset;
  if (!may_have) return false;
  Instant from = record.started_at + last.started;
  return std::ranges::none_of(history.troubles, [&](const Trouble& trouble) {
    bool is_there = trouble.origin == last.origin;
    bool concerns = !trouble.request || *trouble.request == *record.id;
    return is_there && concerns && trouble.kind != Trouble::Kind::closes_idle &&
           overlaps(history, trouble, from, from + last.total);
  });
}

bool body_was_there(const KeptRecord& record, const SimRequest& request, const Capabilities& can) {
  bool was_begun = std::ranges::any_of(
      record.attempts, [](const KeptAttempt& attempt) { return attempt.connection_id != 0; });
  // A body is kept as long as it is small and the request may be sent twice.
  constexpr std::size_t kept = std::size_t{1} << 20;
  bool is_kept = can.body_replay && is_idempotent_method(request.method) && request.body <= kept;
  return is_kept || !request.body || !was_begun;
}

/// Retries of that worker that count against its budget, in the window before `record` was judged:
/// at some time between the last answer and the end, for an answer that is kept takes time to pass.
std::size_t spent_before(const History& history, const KeptRecord& record, Duration window) {
  const KeptAttempt& last = record.attempts.back();
  Instant judged_at_the_earliest = record.started_at + last.started + last.first_byte;
  std::size_t spent = 0;
  for (const KeptRecord& other : history.records) {
    if (other.worker != record.worker) continue;
    for (const KeptAttempt& attempt : other.attempts) {
      // An answer that was kept outlives the verdict on it: it was spent at some time between.
      Instant from = other.started_at + attempt.started;
      Instant until = from + attempt.total;
      bool was_retried = attempt.verdict == Retry::yes && attempt.delivery != Delivery::not_sent;
      // A hedge was paid for when it began, and a retry after it once more.
      std::size_t costs = (was_retried ? 1U : 0U) + (attempt.hedge ? 1U : 0U);
      bool was_begun = from <= record.ended_at;
      if (was_begun && until + window >= judged_at_the_earliest) spent += costs;
    }
  }
  return spent;
}

/// When the gateway says that its budget was used up, was it?
bool budget_was_used_up(const History& history, const KeptRecord& record) {
  if (record.attempts.empty()) return false;
  const RetryRules& rules = history.rules;
  double floor =
      rules.budget_floor_per_second * std::chrono::duration<double>(rules.budget_over).count();
  auto at_least = static_cast<std::size_t>(floor);
  return spent_before(history, record, rules.budget_over + rules.budget_over / 10) >= at_least;
}

/// Had bytes of the response to be passed on already? Its beginning is held back for so many bytes
/// or so long, whichever is less.
bool committed(const SimOutcome& outcome, const KeptRecord& record, const Capabilities& can) {
  constexpr std::size_t held_back = std::size_t{64} << 10;
  constexpr Duration held_back_time = 50ms;
  if (outcome.how == How::whole) return false;
  if (record.status == 0 || record.attempts.empty()) return false;
  // Those that began later asked for the rest.
  auto passed = std::ranges::find_if(
      record.attempts.rbegin(), record.attempts.rend(),
      [&](const KeptAttempt& attempt) { return attempt.started <= record.committed; });
  if (passed == record.attempts.rend()) return false;
  Duration answered = passed->started + passed->first_byte;
  bool time_was_up = record.committed >= answered + held_back_time;
  return !can.hold_back || record.response_body_bytes >= held_back || time_was_up;
}

/// Could the rest of an answer that broke off be asked for, by its entity tag, for as long as there
/// was time? Asking for a rest is never hedged: one that is silent may have all of the time.
bool was_continuable(const History& history, const SimOutcome& outcome, const KeptRecord& record) {
  bool had_time = record.verdict != Retry::no_time_left && !record.attempts.empty() &&
                  record.attempts.back().fault != Fault::exchange_deadline;
  return had_time && history.rules.continues && record.method == "GET" &&
         has_field(outcome.fields, "x-sim-resource");
}

/// Faults that no other endpoint could have mended.
bool is_nobodys_endpoint(const History& history, const KeptRecord& record,
                         const SimRequest& request, const Capabilities& can) {
  const FaultRow& row = row_of(record.fault);
  bool out_of_time =
      record.fault == Fault::exchange_deadline || record.verdict == Retry::no_time_left;
  bool own_limit = row.stage == Stage::admission || row.stage == Stage::gateway ||
                   record.fault == Fault::connection_limit_reached;
  bool client_was_slow = had_trouble(history, Trouble::Kind::client_dawdles, request.id);
  bool client_failed = std::ranges::any_of(record.attempts, [](const KeptAttempt& attempt) {
    return row_of(attempt.fault).blame == Blame::client;
  });
  bool could_be_hedged = can.hedging && is_idempotent_method(request.method) && !client_was_slow;
  return row.blame == Blame::client || client_failed || own_limit ||
         (out_of_time && !could_be_hedged);
}

}  // namespace

Complaints check_avoidable(const History& history, const Capabilities& can) {
  if (!history.troubles_are_declared) return {};
  Complaints complaints;
  for (const SimOutcome* outcome : history.outcomes) {
    const KeptRecord* record = record_of(history, outcome->id);
    const SimRequest* request = request_of(history, outcome->id);
    if (record == nullptr || request == nullptr || !is_error(*outcome)) continue;
    bool lost = had_trouble(history, Trouble::Kind::client_network, outcome->id);
    if (lost || is_nobodys_endpoint(history, *record, *request, can)) continue;
    bool may_be_resent = was_safe(history, *record, *request);
    if (can.keep_alive_guard && !may_be_resent && met_an_idle_close(history, *record)) {
      complaints.push_back("request " + std::to_string(outcome->id) +
                           " was lost on a connection that was about to be closed");
      continue;
    }
    bool used_up = record->attempts_made >= history.rules.attempts;
    if (used_up || !may_be_resent) continue;
    bool was_committed = committed(*outcome, *record, can);
    bool rest_could_be_had = was_continuable(history, *outcome, *record);
    if (was_committed && !rest_could_be_had) continue;
    if (!body_was_there(*record, *request, can)) continue;
    std::string who =
        "request " + std::to_string(outcome->id) + " (" + std::string(name_of(record->fault)) + ")";
    if (record->verdict == Retry::no_budget_left) {
      if (budget_was_used_up(history, *record)) continue;
      complaints.push_back(who + " was not rescued for want of a budget that was not used up");
      continue;
    }
    if (std::optional<std::size_t> origin = untried_healthy_origin(history, *record)) {
      complaints.push_back(who + " could have been saved at origin " + std::to_string(*origin) +
                           "; the verdict was " + std::string(text_of(record->verdict)));
    }
  }
  return complaints;
}

}  // namespace gg
