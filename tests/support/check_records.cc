// SPDX-License-Identifier: Apache-2.0
// One outcome per request sent, one record per request received, and a record that agrees with what
// the client saw.
#include <map>

#include "fault/catalogue.h"
#include "support/checks.h"

namespace gg {

namespace {

using How = SimOutcome::How;

std::string request_text(std::uint64_t id) { return "request " + std::to_string(id); }

/// May a request have come to nothing without the gateway ever having it whole?
bool may_vanish(const History& history, const SimOutcome& outcome) {
  bool on_a_used_connection = outcome.reused;
  bool gone_or_drained = had_trouble(history, Trouble::Kind::client_network, outcome.id) ||
                         had_trouble(history, Trouble::Kind::few_descriptors, outcome.id) ||
                         had_trouble(history, Trouble::Kind::drains, outcome.id);
  return on_a_used_connection || gone_or_drained || outcome.how == How::left;
}

/// The gateway's own answers say why (Proxy-Status) and which request it was.
void check_own_answer(const SimOutcome& outcome, const KeptRecord& record, Complaints& complaints) {
  const FaultRow& row = row_of(record.fault);
  if (row.status != outcome.status) {
    complaints.push_back(request_text(outcome.id) + ": status " + std::to_string(outcome.status) +
                         " for the fault " + std::string(row.name));
  }
  std::string told = only_value(outcome.fields, "proxy-status").value_or("");
  bool says_why = told.find("error=" + std::string(row.error)) != std::string::npos;
  if (!row.error.empty() && !says_why) {
    complaints.push_back(request_text(outcome.id) + ": Proxy-Status \"" + told +
                         "\" does not say " + std::string(row.error));
  }
  if (only_value(outcome.fields, "x-request-id") != record.request_id) {
    complaints.push_back(request_text(outcome.id) + ": the answer does not name its record's id");
  }
}

void check_whole(const SimOutcome& outcome, const KeptRecord& record, Complaints& complaints) {
  if (record.status != outcome.status) {
    complaints.push_back(request_text(outcome.id) + ": recorded with status " +
                         std::to_string(record.status) + ", seen with " +
                         std::to_string(outcome.status));
  }
  bool answers_options = record.method == "OPTIONS" && outcome.status == 200;
  // An origin's answer without its marks is one that an attempt brought.
  bool unmarked = record.fault == Fault::none && (record.attempts_made > 0 || answers_options);
  bool apology = record.fault == Fault::upstream_error_status;
  if (!outcome.origin && !unmarked && !apology) check_own_answer(outcome, record, complaints);
  // A client that has all of its answer may still be said to have left, or an upload cut short.
  bool is_relayed_well = record.fault == Fault::none ||
                         record.fault == Fault::upstream_error_status ||
                         row_of(record.fault).blame == Blame::client;
  if (outcome.origin && !is_relayed_well) {
    complaints.push_back(request_text(outcome.id) + ": seen whole, recorded as " +
                         std::string(name_of(record.fault)));
  }
}

void check_outcome(const History& history, const SimOutcome& outcome, Complaints& complaints) {
  std::string who = request_text(outcome.id);
  const KeptRecord* record = record_of(history, outcome.id);
  if (outcome.how == How::pending) complaints.push_back(who + " has no outcome");
  if (outcome.how == How::refused && !may_vanish(history, outcome)) {
    complaints.push_back(who + ": its connection was refused");
  }
  if (record == nullptr) {
    // A head that could not be read has a record, but one without a target.
    bool unread = outcome.status >= 400 && !outcome.origin;
    bool vanished = outcome.status == 0 && may_vanish(history, outcome);
    if (!unread && !vanished && outcome.how != How::refused && outcome.how != How::pending) {
      complaints.push_back(who + " ended (" + std::string(text_of(outcome.how)) +
                           ") without a record");
    }
    return;
  }
  if (outcome.how == How::whole) check_whole(outcome, *record, complaints);
  bool broken = outcome.how == How::cut || outcome.how == How::nothing;
  bool hurt = had_trouble(history, Trouble::Kind::client_network, outcome.id);
  // Who leaves takes along the answers to what was sent behind.
  bool leaves = hurt || had_trouble(history, Trouble::Kind::client_leaves, outcome.id);
  if (broken && !leaves && record->fault == Fault::none && !record->upgraded) {
    complaints.push_back(who + " ended (" + std::string(text_of(outcome.how)) +
                         ") and is recorded as good");
  }
  bool drained = had_trouble(history, Trouble::Kind::drains, outcome.id);
  if (record->fault == Fault::gateway_draining && !drained) {
    complaints.push_back(who + " was cut off by a gateway that nobody had told to end");
  }
  bool has_left = leaves || had_trouble(history, Trouble::Kind::client_dawdles, outcome.id);
  if (broken && !has_left && row_of(record->fault).blame == Blame::client) {
    complaints.push_back(
        who + " ended (" + std::string(text_of(outcome.how)) +
        ") and its client, which stayed, is blamed: " + std::string(name_of(record->fault)));
  }
}

/// Without a mark there was no target to find it in: the head itself was at fault.
bool may_be_unmarked(const KeptRecord& record) {
  const FaultRow& row = row_of(record.fault);
  return row.blame == Blame::client || record.target.empty() || record.target == "*" ||
         record.fault == Fault::memory_exhausted;
}

}  // namespace

Complaints check_records(const History& history) {
  Complaints complaints;
  std::map<std::uint64_t, std::size_t> records;
  for (const KeptRecord& record : history.records) {
    if (record.id) {
      ++records[*record.id];
    } else if (!history.has_talkers && !may_be_unmarked(record)) {
      complaints.push_back("a record of nobody's request: " + record.method + " " + record.target +
                           " " + std::string(name_of(record.fault)));
    }
  }
  for (const auto& [id, count] : records) {
    if (count > 1) {
      complaints.push_back(request_text(id) + " has " + std::to_string(count) + " records");
    }
    if (request_of(history, id) == nullptr) {
      complaints.push_back(request_text(id) + " is on record but was never sent");
    }
  }
  std::map<std::uint64_t, std::size_t> outcomes;
  for (const SimOutcome* outcome : history.outcomes) {
    ++outcomes[outcome->id];
    check_outcome(history, *outcome, complaints);
  }
  for (const SimRequest& request : history.sent) {
    if (outcomes[request.id] != 1) {
      complaints.push_back(request_text(request.id) + " has " +
                           std::to_string(outcomes[request.id]) + " outcomes");
    }
  }
  for (const History::Seen& seen : history.seen) {
    bool marked = seen.request->target.find("sim-id=") != std::string::npos;
    if (marked && records[seen.request->id] == 0) {
      complaints.push_back(request_text(seen.request->id) + " reached an origin unrecorded");
    }
  }
  return complaints;
}

}  // namespace gg
