// SPDX-License-Identifier: Apache-2.0
#include "record/counters.h"

#include <gtest/gtest.h>

#include "record/record_sink.h"

namespace gg {
namespace {

std::uint64_t total_in(const UpstreamCounters& counters, Timing timing) {
  const Histogram& histogram = counters.timings[static_cast<std::size_t>(timing)];
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < Histogram::buckets; ++i) count += histogram.count_in(i);
  return count;
}

TEST(Counters, CountAGoodExchangeUnderItsRouteAndUpstream) {
  BufferPool pool;
  Counters counters;
  ExchangeRecord record;
  record.route_slot = 2;
  record.upstream_slot = 3;
  record.status = 200;
  record.request_head_bytes = 100;
  record.request_body_bytes = 10;
  record.response_head_bytes = 200;
  record.response_body_bytes = 20;
  record.total = 5ms;
  AttemptRecord& attempt = record.add_attempt(pool);
  attempt.reused = true;
  attempt.first_byte = 4ms;
  attempt.bytes_written = 110;
  attempt.bytes_read = 220;

  counters.finished(record);

  const RouteCounters& route = *counters.find_route(2);
  EXPECT_EQ(route.requests[2].read(), 1u);
  EXPECT_EQ(route.bytes_received.read(), 110u);
  EXPECT_EQ(route.bytes_sent.read(), 220u);
  const UpstreamCounters& upstream = *counters.find_upstream(3);
  EXPECT_EQ(upstream.requests[2].read(), 1u);
  EXPECT_EQ(upstream.attempts.read(), 1u);
  EXPECT_EQ(upstream.retries.read(), 0u);
  EXPECT_EQ(upstream.attempts_on_reused.read(), 1u);
  EXPECT_EQ(upstream.bytes_written.read(), 110u);
  EXPECT_EQ(upstream.bytes_read.read(), 220u);
  EXPECT_EQ(total_in(upstream, Timing::total), 1u);
  EXPECT_EQ(total_in(upstream, Timing::first_byte), 1u);
  EXPECT_EQ(total_in(upstream, Timing::connect), 0u);
  EXPECT_EQ(total_in(upstream, Timing::queue), 0u);
}

TEST(Counters, CountARescueByTheFaultThatNobodySaw) {
  BufferPool pool;
  Counters counters;
  ExchangeRecord record;
  record.status = 200;
  record.verdict = Retry::yes;
  record.add_attempt(pool).fault = Fault::keep_alive_race;
  record.add_attempt(pool);

  counters.finished(record);

  const UpstreamCounters& upstream = *counters.find_upstream(0);
  EXPECT_EQ(upstream.rescued[index_of(Fault::keep_alive_race)].read(), 1u);
  EXPECT_EQ(upstream.attempt_faults[index_of(Fault::keep_alive_race)].read(), 1u);
  EXPECT_EQ(upstream.request_faults[index_of(Fault::keep_alive_race)].read(), 0u);
  EXPECT_EQ(upstream.retries.read(), 1u);
}

TEST(Counters, CountWhyARequestCouldNotBeSaved) {
  BufferPool pool;
  Counters counters;
  ExchangeRecord record;
  record.status = 502;
  record.fault = Fault::closed_before_head;
  record.verdict = Retry::no_budget_left;
  record.add_attempt(pool).fault = Fault::closed_before_head;

  counters.finished(record);

  const UpstreamCounters& upstream = *counters.find_upstream(0);
  EXPECT_EQ(upstream.requests[5].read(), 1u);
  EXPECT_EQ(upstream.request_faults[index_of(Fault::closed_before_head)].read(), 1u);
  EXPECT_EQ(upstream.unrescued[static_cast<std::size_t>(Retry::no_budget_left)].read(), 1u);
  EXPECT_EQ(upstream.rescued[index_of(Fault::closed_before_head)].read(), 0u);
}

TEST(Counters, ARefusalWithoutAnAttemptHasNothingToBeRescuedFrom) {
  Counters counters;
  ExchangeRecord record;
  record.status = 404;
  record.fault = Fault::no_route;

  counters.finished(record);

  const UpstreamCounters& upstream = *counters.find_upstream(0);
  EXPECT_EQ(upstream.request_faults[index_of(Fault::no_route)].read(), 1u);
  EXPECT_EQ(upstream.unrescued[static_cast<std::size_t>(Retry::not_asked)].read(), 0u);
  EXPECT_EQ(upstream.attempts.read(), 0u);
}

TEST(Counters, CountAttemptsThatTheRecordCouldNotKeep) {
  BufferPool pool;
  Counters counters;
  ExchangeRecord record;
  for (int i = 0; i < 7; ++i) record.add_attempt(pool);

  counters.finished(record);

  EXPECT_EQ(counters.find_upstream(0)->attempts.read(), 7u);
  EXPECT_EQ(counters.find_upstream(0)->retries.read(), 6u);
}

TEST(Counters, PutAStatusThatWasNeverSentApart) {
  Counters counters;
  ExchangeRecord record;

  counters.finished(record);

  EXPECT_EQ(counters.find_route(0)->requests[0].read(), 1u);
}

TEST(Counters, AReaderFindsNothingWhereNothingWasCounted) {
  const Counters counters;

  EXPECT_EQ(counters.find_upstream(7), nullptr);
  EXPECT_EQ(counters.find_route(7), nullptr);
}

TEST(Counters, AGaugeGoesUpAndDown) {
  Gauge gauge;
  gauge.add(3);
  gauge.add(-4);
  EXPECT_EQ(gauge.read(), -1);
  gauge.set(9);
  EXPECT_EQ(gauge.read(), 9);
}

TEST(RecordSinks, EverySinkGetsEveryRecord) {
  Counters first;
  Counters second;
  RecordSinks sinks;
  sinks.add(first);
  sinks.add(second);

  sinks.finished(ExchangeRecord());

  EXPECT_EQ(first.find_route(0)->requests[0].read(), 1u);
  EXPECT_EQ(second.find_route(0)->requests[0].read(), 1u);
}

}  // namespace
}  // namespace gg
