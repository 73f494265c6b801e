// SPDX-License-Identifier: Apache-2.0
#include "support/history.h"

#include <algorithm>

#include "fault/catalogue.h"

namespace gg {

namespace {

/// What befell a connection may come to light a little later than it happened.
constexpr Duration afterglow = 2s;

bool may_concern(const Trouble& trouble, std::uint64_t request) {
  return !trouble.request || *trouble.request == request;
}

std::string_view text_of(Trouble::Kind kind) {
  switch (kind) {
    case Trouble::Kind::refuses:
      return "refuses";
    case Trouble::Kind::unanswered:
      return "unanswered";
    case Trouble::Kind::unreachable:
      return "unreachable";
    case Trouble::Kind::unresolved:
      return "unresolved";
    case Trouble::Kind::crashed:
      return "crashed";
    case Trouble::Kind::resets:
      return "resets";
    case Trouble::Kind::stalls:
      return "stalls";
    case Trouble::Kind::ends:
      return "ends";
    case Trouble::Kind::closes_idle:
      return "closes idle connections";
    case Trouble::Kind::never_answers:
      return "never answers";
    case Trouble::Kind::hangs_up:
      return "hangs up";
    case Trouble::Kind::talks_nonsense:
      return "talks nonsense";
    case Trouble::Kind::breaks_off:
      return "breaks off";
    case Trouble::Kind::falls_silent:
      return "falls silent";
    case Trouble::Kind::apologises:
      return "apologises";
    case Trouble::Kind::does_not_read:
      return "does not read";
    case Trouble::Kind::has_another_version:
      return "has another version";
    case Trouble::Kind::refuses_streams:
      return "refuses streams";
    case Trouble::Kind::says_goodbye:
      return "says goodbye";
    case Trouble::Kind::breaks_rules:
      return "breaks the rules of HTTP/2";
    case Trouble::Kind::client_leaves:
      return "client leaves";
    case Trouble::Kind::client_dawdles:
      return "client dawdles";
    case Trouble::Kind::client_network:
      return "client network";
    case Trouble::Kind::client_nonsense:
      return "client nonsense";
    case Trouble::Kind::few_descriptors:
      return "few descriptors";
    case Trouble::Kind::few_ports:
      return "few ports";
    case Trouble::Kind::drains:
      return "drains";
  }
  return "";
}

}  // namespace

namespace {

/// May it cost a request anything at all?
bool does_harm(Trouble::Kind kind) { return kind != Trouble::Kind::says_goodbye; }

/// What happens while bytes stand still shows when they move again.
Instant shows_until(const History& history, const Trouble& trouble) {
  Instant until = trouble.until;
  bool grows = true;
  while (grows) {
    grows = false;
    for (const Trouble& other : history.troubles) {
      bool holds_back =
          other.kind == Trouble::Kind::stalls || other.kind == Trouble::Kind::unanswered;
      bool is_there = other.origin == trouble.origin && other.from <= until;
      if (!holds_back || !is_there || other.until <= until) continue;
      until = other.until;
      grows = true;
    }
  }
  return until;
}

}  // namespace

bool overlaps(const History& history, const Trouble& trouble, Instant from, Instant until) {
  if (trouble.from > until) return false;
  bool for_ever = trouble.until.since_start == Duration::max();
  if (for_ever || trouble.until + afterglow >= from) return true;
  Instant shows = shows_until(history, trouble);
  return shows.since_start == Duration::max() || shows + afterglow >= from;
}

bool has_trouble(const History& history, std::size_t origin, std::uint64_t request, Instant from,
                 Instant until) {
  return std::ranges::any_of(history.troubles, [&](const Trouble& trouble) {
    return does_harm(trouble.kind) && trouble.origin == origin && may_concern(trouble, request) &&
           overlaps(history, trouble, from, until);
  });
}

bool had_trouble(const History& history, Trouble::Kind kind, std::uint64_t request) {
  return std::ranges::any_of(history.troubles, [&](const Trouble& trouble) {
    return trouble.kind == kind && may_concern(trouble, request);
  });
}

const KeptRecord* record_of(const History& history, std::uint64_t id) {
  auto found = std::ranges::find(history.records, std::optional(id), &KeptRecord::id);
  return found == history.records.end() ? nullptr : &*found;
}

const SimOutcome* outcome_of(const History& history, std::uint64_t id) {
  for (const SimOutcome* outcome : history.outcomes) {
    if (outcome->id == id) return outcome;
  }
  return nullptr;
}

bool is_idempotent_method(std::string_view method) {
  constexpr std::string_view idempotent[] = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};
  return std::ranges::find(idempotent, method) != std::end(idempotent);
}

bool may_run_twice(const History& history, const SimRequest& request) {
  bool is_keyed = history.rules.idempotency_key && has_field(request.fields, "idempotency-key");
  return is_idempotent_method(request.method) || history.rules.unsafe_methods || is_keyed;
}

const SimRequest* request_of(const History& history, std::uint64_t id) {
  auto found = std::ranges::find(history.sent, id, &SimRequest::id);
  return found == history.sent.end() ? nullptr : &*found;
}

std::string text_of(const Trouble& trouble) {
  std::string text(text_of(trouble.kind));
  if (trouble.origin) text += " at origin " + std::to_string(*trouble.origin);
  if (trouble.request) text += " for request " + std::to_string(*trouble.request);
  return text;
}

namespace {

std::string time_text(const History& history, Instant at) {
  return std::to_string((at - history.began) / 1ms) + " ms";
}

std::string text_of(const KeptAttempt& attempt) {
  std::string text = "\n    attempt at origin " + std::to_string(attempt.origin.value_or(999));
  text += " after " + std::to_string(attempt.started / 1ms) + " ms, for " +
          std::to_string(attempt.total / 1ms) + " ms: " + std::string(name_of(attempt.fault)) +
          ", status " + std::to_string(attempt.status) + ", " +
          std::to_string(attempt.bytes_written) + " bytes out, " +
          std::to_string(attempt.bytes_read) + " in, " + std::string(name_of(attempt.delivery)) +
          ", then " + std::string(text_of(attempt.verdict));
  return text + (attempt.reused ? ", reused connection" : "");
}

}  // namespace

std::string story_of(const History& history, std::uint64_t id) {
  std::string text = "request " + std::to_string(id);
  if (const SimRequest* sent = request_of(history, id)) {
    text += ": " + sent->method;
    if (sent->body) text += " with " + std::to_string(*sent->body) + " bytes";
    if (sent->chunked) text += " in chunks";
    if (sent->expects_continue) text += ", expects 100";
  }
  if (const SimOutcome* outcome = outcome_of(history, id)) {
    text += "\n  began " + time_text(history, outcome->began) + ", ended " +
            time_text(history, outcome->ended) + " " + std::string(text_of(outcome->how)) +
            " with " + std::to_string(outcome->status) + " from " +
            (outcome->origin ? "origin " + std::to_string(*outcome->origin) : "the gateway") +
            ", " + std::to_string(outcome->body.size()) + " bytes";
  }
  for (const History::Seen& seen : history.seen) {
    if (seen.request->id != id) continue;
    text += "\n  seen at origin " + std::to_string(seen.origin) + " at " +
            time_text(history, seen.request->head_at) + ", " +
            (seen.request->is_whole ? "whole" : "in part");
  }
  if (const KeptRecord* record = record_of(history, id)) {
    text += "\n  recorded as " + std::string(name_of(record->fault)) + ", status " +
            std::to_string(record->status);
    for (const KeptAttempt& attempt : record->attempts) text += text_of(attempt);
  }
  for (const Trouble& trouble : history.troubles) {
    if (trouble.request && *trouble.request != id) continue;
    text += "\n  trouble: " + text_of(trouble) + " from " + time_text(history, trouble.from);
    if (trouble.until.since_start != Duration::max()) {
      text += " until " + time_text(history, trouble.until);
    }
  }
  return text;
}

std::string_view text_of(SimOutcome::How how) {
  switch (how) {
    case SimOutcome::How::pending:
      return "pending";
    case SimOutcome::How::whole:
      return "whole";
    case SimOutcome::How::refused:
      return "refused";
    case SimOutcome::How::nothing:
      return "nothing";
    case SimOutcome::How::cut:
      return "cut";
    case SimOutcome::How::malformed:
      return "malformed";
    case SimOutcome::How::late:
      return "late";
    case SimOutcome::How::left:
      return "left";
  }
  return "";
}

}  // namespace gg
