// SPDX-License-Identifier: Apache-2.0
#include "report/flight_records.h"

#include <gtest/gtest.h>

#include "unit/report/example_record.h"

namespace gg {
namespace {

FlightRecord numbered(std::uint64_t number, Fault fault) {
  BufferPool pool;
  ExchangeRecord record = plain_record(pool);
  record.id = RequestId::of(number, number);
  record.fault = fault;
  FlightRecord kept;
  keep(record, 1, kept);
  return kept;
}

std::string id_of(std::uint64_t number) {
  return std::string(RequestId::of(number, number).view());
}

TEST(FlightRecords, FindsByTheWholeIdAndByItsBeginning) {
  FlightRecords records;
  records.add(numbered(0xabcdef0000000001, Fault::no_route));
  records.add(numbered(0xabcdee0000000002, Fault::none));

  EXPECT_EQ(records.find(id_of(0xabcdef0000000001))->fault, Fault::no_route);
  EXPECT_EQ(records.find("abcdee")->fault, Fault::none);
  EXPECT_EQ(records.find("abcde"), nullptr);
  EXPECT_EQ(records.find("abcdff"), nullptr);
  EXPECT_EQ(records.find(""), nullptr);
}

TEST(FlightRecords, OfTwoWithOneIdTheNewerIsFound) {
  FlightRecords records;
  records.add(numbered(7, Fault::no_route));
  records.add(numbered(7, Fault::queue_full));

  EXPECT_EQ(records.find(id_of(7))->fault, Fault::queue_full);
}

TEST(FlightRecords, TheOldestMakeRoomAndSamplesDoNotTakeIt) {
  FlightRecords records;
  for (std::size_t i = 0; i < FlightRecords::faulty_kept + 2; ++i) {
    records.add(numbered(i, Fault::no_route));
  }
  for (std::size_t i = 0; i < FlightRecords::samples_kept * 2; ++i) {
    records.add(numbered(1'000'000 + i, Fault::none));
  }

  EXPECT_EQ(records.find(id_of(1)), nullptr);
  EXPECT_NE(records.find(id_of(2)), nullptr);
  EXPECT_NE(records.find(id_of(FlightRecords::faulty_kept + 1)), nullptr);
  EXPECT_EQ(records.size(), FlightRecords::faulty_kept + FlightRecords::samples_kept);
}

}  // namespace
}  // namespace gg
