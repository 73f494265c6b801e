// SPDX-License-Identifier: Apache-2.0
#include "http2/conduct.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr Instant start{1h};

/// How many in a row are let through at `now`.
template <class Event>
int let_through(Event event, int most = 5000) {
  for (int i = 0; i < most; ++i) {
    if (event() != Http2Abuse::none) return i;
  }
  return most;
}

TEST(Http2Conduct, RequestsMayBeTakenBackButNotForEver) {
  Http2Conduct conduct;
  auto reset = [&conduct] { return conduct.request_reset(start); };
  EXPECT_EQ(let_through(reset), 500);
  EXPECT_EQ(conduct.request_reset(start), Http2Abuse::resets);
}

TEST(Http2Conduct, TimeForgives) {
  Http2Conduct conduct;
  let_through([&conduct] { return conduct.request_reset(start); });
  EXPECT_EQ(let_through([&conduct] { return conduct.request_reset(start + 2s); }), 99);
}

TEST(Http2Conduct, FramesThatDoNothingAreCounted) {
  Http2Conduct conduct;
  EXPECT_EQ(let_through([&conduct] { return conduct.control_frame(start); }), 1000);
  EXPECT_EQ(conduct.control_frame(start), Http2Abuse::frame_flood);
}

TEST(Http2Conduct, EmptyDataIsCountedApart) {
  Http2Conduct conduct;
  EXPECT_EQ(let_through([&conduct] { return conduct.empty_data(start); }), 100);
  EXPECT_EQ(conduct.empty_data(start), Http2Abuse::frame_flood);
  EXPECT_EQ(conduct.control_frame(start), Http2Abuse::none);
}

TEST(Http2Conduct, WhoReadsMuchMayUpdateItsWindowsOften) {
  Http2Conduct conduct;
  int good = 0;
  for (int i = 0; i < 20000; ++i) {
    conduct.data_sent(4096, false);
    good += conduct.control_frame(start) == Http2Abuse::none ? 1 : 0;
  }
  EXPECT_EQ(good, 20000);
}

TEST(Http2Conduct, WhoReadsAByteAtATimeMayNot) {
  Http2Conduct conduct;
  auto byte_by_byte = [&conduct] {
    conduct.data_sent(1, false);
    return conduct.control_frame(start);
  };
  EXPECT_LT(let_through(byte_by_byte), 1100);
}

TEST(Http2Conduct, WhoGetsManySmallMessagesMayAnswerEachWithItsWindowsAndAPing) {
  Http2Conduct conduct;
  int good = 0;
  for (int i = 0; i < 30'000; ++i) {
    if (i % 3 == 0) conduct.data_sent(10, true);
    good += conduct.control_frame(start) == Http2Abuse::none ? 1 : 0;
  }
  EXPECT_EQ(good, 30'000);
}

TEST(Http2Conduct, AHeaderBlockHasSoManyContinuations) {
  Http2Conduct conduct;
  EXPECT_EQ(let_through([&conduct] { return conduct.continuation(); }), 64);
  EXPECT_EQ(conduct.continuation(), Http2Abuse::header_flood);
  conduct.header_block_began(3);
  EXPECT_EQ(conduct.continuation(), Http2Abuse::none);
}

TEST(Http2Conduct, ANumberThatWasLeftOutIsGone) {
  Http2Conduct conduct;
  EXPECT_EQ(conduct.header_block_began(1), Http2Abuse::none);
  EXPECT_EQ(conduct.header_block_began(3), Http2Abuse::none);
  EXPECT_EQ(conduct.header_block_began(9), Http2Abuse::none);
  EXPECT_EQ(conduct.header_block_began(3), Http2Abuse::none) << "trailers";
  EXPECT_EQ(conduct.header_block_began(9), Http2Abuse::none);
  EXPECT_EQ(conduct.header_block_began(7), Http2Abuse::violation);
  EXPECT_EQ(conduct.header_block_began(5), Http2Abuse::violation);
}

TEST(Http2Conduct, AListFarBeyondTheLimitIsAFlood) {
  EXPECT_EQ(Http2Conduct::header_list(400, 100), Http2Abuse::none);
  EXPECT_EQ(Http2Conduct::header_list(401, 100), Http2Abuse::header_flood);
}

}  // namespace
}  // namespace gg
