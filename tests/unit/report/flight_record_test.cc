// SPDX-License-Identifier: Apache-2.0
#include "report/flight_record.h"

#include <gtest/gtest.h>

#include "unit/report/example_record.h"

namespace gg {
namespace {

FlightRecord kept(const ExchangeRecord& record) {
  FlightRecord flight;
  keep(record, 3, flight);
  return flight;
}

TEST(FlightRecord, OutlivesTheRecordWithAllItsAttempts) {
  BufferPool pool;
  FlightRecord flight = kept(failed_record(pool));

  EXPECT_EQ(flight.id.view(), "0123456789abcdeffedcba9876543210");
  EXPECT_EQ(flight.outcome(), FlightRecord::Outcome::failed);
  EXPECT_EQ(flight.upstream.view(), "app");
  EXPECT_EQ(flight.generation, 3u);
  ASSERT_EQ(flight.attempts().size(), 2u);
  EXPECT_EQ(flight.attempts()[0].endpoint.view(), "10.0.0.1:3000");
  EXPECT_EQ(flight.attempts()[0].facts.error_number, 111);
  EXPECT_EQ(flight.attempts()[1].first_bytes.view(),
            std::string_view("\x15\x03\x01\x00\x02\x02\x46", 7));
  EXPECT_EQ(flight.first_fault(), Fault::connect_refused);
}

TEST(FlightRecord, ARequestThatAnotherAttemptSavedIsRescued) {
  BufferPool pool;
  ExchangeRecord record = failed_record(pool);
  record.fault = Fault::none;
  record.last_attempt().fault = Fault::none;

  EXPECT_EQ(kept(record).outcome(), FlightRecord::Outcome::rescued);
  EXPECT_EQ(kept(plain_record(pool)).outcome(), FlightRecord::Outcome::well);
}

struct TargetCase {
  std::string_view target;
  std::string_view kept;
};

TEST(FlightRecord, NoValueOfAQueryIsKept) {
  constexpr TargetCase cases[] = {
      {"/", "/"},
      {"/a/b", "/a/b"},
      {"/a?token=secret", "/a?token=…"},
      {"/a?x=1&flag&y=2=3", "/a?x=…&flag&y=…"},
      {"/a?", "/a"},
      {"*", "*"},
  };
  BufferPool pool;
  for (const TargetCase& one : cases) {
    ExchangeRecord record = plain_record(pool);
    record.target = one.target;
    EXPECT_EQ(kept(record).target.view(), one.kept) << one.target;
  }
}

TEST(FlightRecord, ALongTargetLosesItsEnd) {
  BufferPool pool;
  ExchangeRecord record = plain_record(pool);
  std::string target = "/" + std::string(500, 'a') + "?b=c";
  record.target = target;

  EXPECT_EQ(kept(record).target.view(), target.substr(0, 200));
}

TEST(FlightRecord, FirstBytesEndWhereASecretBegins) {
  BufferPool pool;
  ExchangeRecord record = failed_record(pool);
  record.keep_first_bytes(record.last_attempt(), "HTTP/1.1 200 OK\r\nSet-Cookie: id=7", pool);

  EXPECT_EQ(kept(record).attempts()[1].first_bytes.view(), "HTTP/1.1 200 OK\r\nSet-Cookie:");
}

TEST(FlightRecord, WhatWasKeptBeforeLeavesNothing) {
  BufferPool pool;
  FlightRecord flight = kept(failed_record(pool));
  keep(plain_record(pool), 4, flight);

  EXPECT_EQ(flight.attempts().size(), 1u);
  EXPECT_EQ(flight.outcome(), FlightRecord::Outcome::well);
  EXPECT_TRUE(flight.attempts()[0].first_bytes.empty());
}

}  // namespace
}  // namespace gg
