// SPDX-License-Identifier: Apache-2.0
// What reached the applications: never an unsafe request twice, never half a request as a whole
// one.
#include <algorithm>
#include <map>

#include "support/checks.h"

namespace gg {

namespace {

/// RFC 9110 9.2.2, spelled here once more so that a mistake in the product is not made twice.
void check_seen(const History& history, const SimSeenRequest& seen, Complaints& complaints) {
  std::string who = "request " + std::to_string(seen.id);
  const SimRequest* sent = request_of(history, seen.id);
  if (has_field(seen.fields, "x-sim-ambiguous")) {
    complaints.push_back("a request that can be read in two ways reached an origin");
  }
  if (seen.is_whole && has_field(seen.fields, "x-sim-broken")) {
    complaints.push_back("a request that broke off was passed off as whole");
  }
  if (sent == nullptr && seen.id == 0 && history.has_talkers) return;
  if (sent == nullptr) {
    complaints.push_back("an origin saw " + who + ", which nobody sent");
    return;
  }
  if (seen.method != sent->method) {
    complaints.push_back(who + " was sent as " + sent->method + " and seen as " + seen.method);
  }
  if (!seen.body_is_right) complaints.push_back(who + " was seen with bytes that are not its own");
  if (seen.is_whole && seen.body_bytes != sent->body.value_or(0)) {
    complaints.push_back(who + " of " + std::to_string(sent->body.value_or(0)) +
                         " body bytes was passed off as whole with " +
                         std::to_string(seen.body_bytes));
  }
}

}  // namespace

Complaints check_delivery(const History& history) {
  Complaints complaints;
  std::map<std::uint64_t, std::size_t> times;
  for (const History::Seen& seen : history.seen) {
    ++times[seen.request->id];
    check_seen(history, *seen.request, complaints);
  }
  for (const auto& [id, count] : times) {
    const SimRequest* sent = request_of(history, id);
    if (count > 1 && sent != nullptr && !may_run_twice(history, *sent)) {
      complaints.push_back(sent->method + " request " + std::to_string(id) + " was delivered " +
                           std::to_string(count) + " times");
    }
  }
  for (const std::string& complaint : history.origin_complaints) {
    complaints.push_back("an origin could not read the gateway: " + complaint);
  }
  return complaints;
}

}  // namespace gg
