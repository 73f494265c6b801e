// SPDX-License-Identifier: Apache-2.0
// May a failed attempt be followed by another? One pure function, tested by table.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "fault/fault.h"
#include "record/retry_verdict.h"

namespace gg {

/// What says whether a request may be acted upon twice, one endpoint after the other.
struct Repetition {
  bool method_is_idempotent = false;    // RFC 9110 9.2.2
  bool unsafe_methods_allowed = false;  // the route says so
  bool has_key = false;                 // an Idempotency-Key (draft-ietf-httpapi-idempotency-key)
  bool key_is_honoured = false;         // the route says so
};

constexpr bool may_run_twice(const Repetition& r) {
  return r.method_is_idempotent || r.unsafe_methods_allowed || (r.has_key && r.key_is_honoured);
}

/// Everything a retry decision may look at. Nothing else is consulted, so any decision can be
/// replayed from an exchange record.
struct RetryQuestion {
  bool fault_is_listed = false;           // the route's retry.on covers the fault
  Delivery delivery = Delivery::unknown;  // the farthest that any attempt of the exchange came
  bool may_run_twice = false;
  bool body_can_be_replayed = false;
  bool response_has_started = false;
  bool rest_can_be_asked_for = false;  // of that response, from another endpoint
  bool client_is_gone = false;
  bool endpoint_left = false;
  bool budget_left = false;
  bool lacked_budget = false;  // for an attempt beside this one, when it waited for too long
  std::uint32_t attempts_left = 0;
  Duration time_left{};
};

/// Safety first (may we?), then economy (should we?). The order decides which reason is reported.
constexpr Retry decide_retry(const RetryQuestion& q) {
  if (q.client_is_gone) return Retry::no_client_is_gone;
  if (q.response_has_started && !q.rest_can_be_asked_for) return Retry::no_response_has_started;
  // What waited until its time was up may have been let down by the budget alone.
  if (!q.fault_is_listed) return q.lacked_budget ? Retry::no_budget_left : Retry::no_fault_is_final;
  bool may_have_run = q.delivery == Delivery::unknown || q.delivery == Delivery::answered;
  if (may_have_run && !q.may_run_twice) return Retry::no_request_may_have_run;
  if (!q.body_can_be_replayed) return Retry::no_body_is_gone;

  if (q.attempts_left == 0) return Retry::no_attempts_left;
  if (q.time_left <= Duration::zero()) {
    return q.lacked_budget ? Retry::no_budget_left : Retry::no_time_left;
  }
  if (!q.endpoint_left) return Retry::no_endpoint_left;
  if (!q.budget_left) return Retry::no_budget_left;
  return Retry::yes;
}

}  // namespace gg
