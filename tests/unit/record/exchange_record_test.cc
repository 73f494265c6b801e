// SPDX-License-Identifier: Apache-2.0
#include "record/exchange_record.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace gg {
namespace {

TEST(RequestId, IsThirtyTwoHexDigits) {
  EXPECT_EQ(RequestId::of(0x0123456789abcdef, 0xfedcba9876543210).view(),
            "0123456789abcdeffedcba9876543210");
  EXPECT_EQ(RequestId::of(0, 1).view(), "00000000000000000000000000000001");
  EXPECT_TRUE(RequestId().empty());
}

TEST(RequestId, TakesOverAnIdOfPlainCharacters) {
  const std::string uuid = "123e4567-e89b-12d3-a456-426614174000";

  ASSERT_TRUE(RequestId::is_usable(uuid));
  EXPECT_EQ(RequestId::copy_of(uuid).view(), uuid);
  EXPECT_TRUE(RequestId::is_usable(std::string(39, 'x')));
}

TEST(RequestId, RefusesWhatIsEmptyTooLongOrHasOddCharacters) {
  EXPECT_FALSE(RequestId::is_usable(""));
  EXPECT_FALSE(RequestId::is_usable(std::string(40, 'x')));
  EXPECT_FALSE(RequestId::is_usable("a b"));
  EXPECT_FALSE(RequestId::is_usable("a\"b"));
  EXPECT_FALSE(RequestId::is_usable("a\r\nb"));
  EXPECT_FALSE(RequestId::is_usable("caf\xc3\xa9"));
}

TEST(ExchangeRecord, TakesNoMemoryForARequestThatGoesWellAtOnce) {
  BufferPool pool;
  ExchangeRecord record;

  record.add_attempt(pool).status = 200;

  EXPECT_EQ(pool.system_allocations(), 0u);
  EXPECT_EQ(record.attempts_made(), 1u);
  EXPECT_EQ(record.attempt(0).status, 200);
  EXPECT_EQ(record.first_bytes(0), "");
}

TEST(ExchangeRecord, KeepsItsAttemptsInOrderAndGivesItsMemoryBack) {
  BufferPool pool;
  {
    ExchangeRecord record;
    record.add_attempt(pool).endpoint = "a";
    record.add_attempt(pool).endpoint = "b";
    record.add_attempt(pool).endpoint = "c";
    record.last_attempt().status = 204;

    ASSERT_EQ(record.attempts_recorded(), 3u);
    EXPECT_EQ(record.attempt(0).endpoint, "a");
    EXPECT_EQ(record.attempt(1).endpoint, "b");
    EXPECT_EQ(record.attempt(2).endpoint, "c");
    EXPECT_EQ(record.attempt(2).status, 204);
    EXPECT_GT(pool.bytes_lent(), 0u);
  }
  EXPECT_EQ(pool.bytes_lent(), 0u);
}

TEST(ExchangeRecord, KeepsTheFirstAttemptsAndTheLastWhenThereAreMany) {
  BufferPool pool;
  ExchangeRecord record;
  const std::string_view names[] = {"a", "b", "c", "d", "e", "f"};
  for (std::string_view name : names) {
    record.add_attempt(pool).endpoint = name;
    record.keep_first_bytes(record.last_attempt(), name, pool);
  }

  EXPECT_EQ(record.attempts_made(), 6u);
  ASSERT_EQ(record.attempts_recorded(), 4u);
  EXPECT_EQ(record.attempt(0).endpoint, "a");
  EXPECT_EQ(record.attempt(2).endpoint, "c");
  EXPECT_EQ(record.attempt(3).endpoint, "f");
  EXPECT_EQ(record.first_bytes(3), "f");
  EXPECT_EQ(record.last_attempt().endpoint, "f");
}

TEST(ExchangeRecord, AnAttemptStartsBlankThoughAnotherWasThere) {
  BufferPool pool;
  ExchangeRecord record;
  for (int i = 0; i < 4; ++i) record.add_attempt(pool);
  record.last_attempt().fault = Fault::head_timeout;
  record.keep_first_bytes(record.last_attempt(), "old", pool);

  record.add_attempt(pool);

  EXPECT_EQ(record.last_attempt().fault, Fault::none);
  EXPECT_EQ(record.first_bytes(3), "");
}

TEST(ExchangeRecord, KeepsTheFirstBytesOfTheAttemptTheyCameIn) {
  BufferPool pool;
  ExchangeRecord record;
  record.add_attempt(pool);
  record.keep_first_bytes(record.last_attempt(), std::string(100, 'x'), pool);
  record.add_attempt(pool);
  record.keep_first_bytes(record.last_attempt(), std::string_view("\x16\x03\x01\0", 4), pool);

  EXPECT_EQ(record.first_bytes(0), std::string(64, 'x'));
  EXPECT_EQ(record.first_bytes(1), std::string_view("\x16\x03\x01\0", 4));
  EXPECT_EQ(record.first_bytes(2), "");
}

TEST(ExchangeRecord, KeepsHowThingsStoodWhereAnAttemptFailed) {
  BufferPool pool;
  ExchangeRecord record;
  record.add_attempt(pool);
  EXPECT_EQ(record.circumstances(0).standing, "");
  record.keep_circumstances(record.last_attempt(), {.in_flight = 3, .standing = "up"}, pool);
  record.add_attempt(pool);

  EXPECT_EQ(record.circumstances(0).in_flight, 3U);
  EXPECT_EQ(record.circumstances(0).standing, "up");
  EXPECT_EQ(record.circumstances(1).standing, "");
  EXPECT_EQ(record.circumstances(7).standing, "");
}

TEST(ExchangeRecord, SurvivesAMove) {
  BufferPool pool;
  ExchangeRecord record;
  record.add_attempt(pool).endpoint = "a";
  record.add_attempt(pool).endpoint = "b";

  const ExchangeRecord moved = std::move(record);

  ASSERT_EQ(moved.attempts_recorded(), 2u);
  EXPECT_EQ(moved.attempt(1).endpoint, "b");
}

TEST(ExchangeRecord, IsRescuedIfAnotherAttemptMadeUpForAFault) {
  BufferPool pool;
  ExchangeRecord record;
  record.add_attempt(pool).fault = Fault::connect_refused;
  record.add_attempt(pool);

  EXPECT_TRUE(record.was_rescued());
  EXPECT_EQ(record.first_fault(), Fault::connect_refused);
}

TEST(ExchangeRecord, IsNotRescuedIfTheClientSawAFault) {
  BufferPool pool;
  ExchangeRecord record;
  record.add_attempt(pool).fault = Fault::connect_refused;
  record.add_attempt(pool).fault = Fault::head_timeout;
  record.fault = Fault::head_timeout;

  EXPECT_FALSE(record.was_rescued());
  EXPECT_EQ(record.first_fault(), Fault::connect_refused);
}

TEST(ExchangeRecord, WithoutAttemptsItsOwnFaultIsTheFirst) {
  ExchangeRecord record;
  record.fault = Fault::no_route;

  EXPECT_FALSE(record.was_rescued());
  EXPECT_EQ(record.first_fault(), Fault::no_route);
}

TEST(ExchangeRecord, IsSmall) {
  // Every active request holds one; what is rare belongs into the overflow.
  EXPECT_LE(sizeof(AttemptRecord), 120u);
  EXPECT_LE(sizeof(ExchangeRecord), 480u);
}

TEST(RetryVerdict, EveryReasonHasItsOwnName) {
  for (std::size_t i = 0; i < retry_count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_NE(text_of(static_cast<Retry>(i)), text_of(static_cast<Retry>(j)));
    }
  }
}

}  // namespace
}  // namespace gg
