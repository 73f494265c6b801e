// SPDX-License-Identifier: Apache-2.0
#include "report/flight_recorder.h"

#include <gtest/gtest.h>

#include "unit/report/example_record.h"

namespace gg {
namespace {

std::size_t waiting_in(FlightRing& ring) {
  std::size_t count = 0;
  for (; ring.front() != nullptr; ring.pop()) ++count;
  return count;
}

TEST(FlightRecorder, KeepsEveryFailureAndOneSuccessPerSecond) {
  BufferPool pool;
  FlightRecorder recorder(1);
  ExchangeRecord well = plain_record(pool);
  well.started_at = {10s};
  for (int i = 0; i < 50; ++i) recorder.finished(well);
  EXPECT_EQ(waiting_in(recorder.ring()), 1u);

  ExchangeRecord failed = failed_record(pool);
  failed.started_at = {10s};
  for (int i = 0; i < 50; ++i) recorder.finished(failed);
  EXPECT_EQ(waiting_in(recorder.ring()), 50u);

  well.started_at = {11s};
  recorder.finished(well);
  EXPECT_EQ(waiting_in(recorder.ring()), 1u);
}

TEST(FlightRecorder, KeepsWhatWasRescuedThoughTheFirstAttemptDidNotFail) {
  BufferPool pool;
  FlightRecorder recorder(1);
  ExchangeRecord record = plain_record(pool);
  record.started_at = {10s};
  recorder.finished(record);
  EXPECT_EQ(waiting_in(recorder.ring()), 1u);

  record.last_attempt().lost = true;
  record.add_attempt(pool).fault = Fault::connect_refused;
  record.add_attempt(pool).status = 200;
  recorder.finished(record);

  ASSERT_NE(recorder.ring().front(), nullptr);
  EXPECT_EQ(recorder.ring().front()->outcome(), FlightRecord::Outcome::rescued);
}

TEST(FlightRecorder, WhatDoesNotFitIsLostAndCounted) {
  BufferPool pool;
  FlightRecorder recorder(1);
  ExchangeRecord record = failed_record(pool);
  for (std::size_t i = 0; i < FlightRing::capacity + 7; ++i) recorder.finished(record);

  EXPECT_EQ(recorder.lost().read(), 7u);
  EXPECT_EQ(waiting_in(recorder.ring()), FlightRing::capacity);
  recorder.finished(record);
  EXPECT_EQ(waiting_in(recorder.ring()), 1u);
}

}  // namespace
}  // namespace gg
