// SPDX-License-Identifier: Apache-2.0
#include "record/counters.h"

#include "base/assert.h"

namespace gg {
namespace {

void count_class(StatusClasses& classes, int status) {
  bool has_class = status >= 100 && status < 600;
  classes[has_class ? static_cast<std::size_t>(status / 100) : 0].add();
}

void count_duration(UpstreamCounters& counters, Timing timing, Duration duration) {
  if (duration <= Duration::zero()) return;  // the stage was not entered
  counters.timings[static_cast<std::size_t>(timing)].add(duration);
}

void count_attempt(UpstreamCounters& counters, const AttemptRecord& attempt) {
  if (attempt.fault != Fault::none) counters.attempt_faults[index_of(attempt.fault)].add();
  if (attempt.reused) counters.attempts_on_reused.add();
  if (attempt.hedge) {
    counters.hedges.add();
    bool won = !attempt.lost && attempt.fault == Fault::none && attempt.status != 0;
    if (won) counters.hedges_won.add();
  }
  counters.bytes_written.add(attempt.bytes_written);
  counters.bytes_read.add(attempt.bytes_read);
  count_duration(counters, Timing::connect, attempt.connect);
  count_duration(counters, Timing::tls, attempt.tls);
  count_duration(counters, Timing::first_byte, attempt.first_byte);
}

void count_outcome(UpstreamCounters& counters, const ExchangeRecord& record) {
  if (record.was_rescued()) counters.rescued[index_of(record.first_fault())].add();
  if (record.fault == Fault::none) return;
  counters.request_faults[index_of(record.fault)].add();
  bool was_refused = record.verdict != Retry::not_asked && record.verdict != Retry::yes;
  if (was_refused) counters.unrescued[static_cast<std::size_t>(record.verdict)].add();
}

}  // namespace

Counters::Counters() {
  // Slot 0 is where every exchange without a route or upstream goes; it must not be made in a
  // hurry.
  routes_.take(0);
  upstreams_.take(0);
}

template <class Block>
Block& Counters::Slots<Block>::take(std::size_t slot) {
  GG_ASSERT(slot < slots);
  if (!owned_[slot]) {
    owned_[slot] = std::make_unique<Block>();
    // Released after its construction: a reader that sees the block sees zeroed counters.
    published_[slot].store(owned_[slot].get(), std::memory_order_release);
  }
  return *owned_[slot];
}

RouteCounters& Counters::route(std::size_t slot) { return routes_.take(slot); }
UpstreamCounters& Counters::upstream(std::size_t slot) { return upstreams_.take(slot); }

const RouteCounters* Counters::find_route(std::size_t slot) const {
  GG_ASSERT(slot < slots);
  return routes_.find(slot);
}

const UpstreamCounters* Counters::find_upstream(std::size_t slot) const {
  GG_ASSERT(slot < slots);
  return upstreams_.find(slot);
}

void Counters::finished(const ExchangeRecord& record) {
  RouteCounters& route_counters = route(record.route_slot);
  count_class(route_counters.requests, record.status);
  route_counters.bytes_received.add(record.request_head_bytes + record.request_body_bytes);
  route_counters.bytes_sent.add(record.response_head_bytes + record.response_body_bytes);

  UpstreamCounters& counters = upstream(record.upstream_slot);
  count_class(counters.requests, record.status);
  count_duration(counters, Timing::queue, record.queued);
  count_duration(counters, Timing::total, record.total);
  counters.attempts.add(record.attempts_made());
  if (record.attempts_made() > 1) counters.retries.add(record.attempts_made() - 1);
  for (std::size_t i = 0; i < record.attempts_recorded(); ++i) {
    count_attempt(counters, record.attempt(i));
  }
  count_outcome(counters, record);
}

}  // namespace gg
