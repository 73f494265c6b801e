// SPDX-License-Identifier: Apache-2.0
#include "config/units.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

using namespace literals;

TEST(Units, DurationsAreReadInEveryUnit) {
  EXPECT_EQ(parse_duration("7ns"), Duration(7));
  EXPECT_EQ(parse_duration("20us"), Duration(20us));
  EXPECT_EQ(parse_duration("500ms"), Duration(500ms));
  EXPECT_EQ(parse_duration("1.5s"), Duration(1500ms));
  EXPECT_EQ(parse_duration("2m"), Duration(2min));
  EXPECT_EQ(parse_duration("1h"), Duration(1h));
  EXPECT_EQ(parse_duration("1d"), Duration(24h));
  EXPECT_EQ(parse_duration("0.001s"), Duration(1ms));
  EXPECT_EQ(parse_duration("0s"), Duration(0));
}

TEST(Units, ANumberWithoutAUnitIsNamedAsSuch) {
  Result<Duration, Misreading> read = parse_duration("5");

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().problem, "\"5\" has no unit");
  EXPECT_EQ(read.error().remedy, "write a duration such as 500ms, 5s or 2m");
}

TEST(Units, WhatIsNotADurationIsRefused) {
  EXPECT_FALSE(parse_duration(""));
  EXPECT_FALSE(parse_duration("s"));
  EXPECT_FALSE(parse_duration("-5s"));
  EXPECT_FALSE(parse_duration("+5s"));
  EXPECT_FALSE(parse_duration("5 s"));
  EXPECT_FALSE(parse_duration(" 5s"));
  EXPECT_FALSE(parse_duration("5S"));
  EXPECT_FALSE(parse_duration("5sec"));
  EXPECT_FALSE(parse_duration(".5s"));
  EXPECT_FALSE(parse_duration("1.s"));
  EXPECT_FALSE(parse_duration("1.2.3s"));
  EXPECT_FALSE(parse_duration("1.2345s"));
  EXPECT_FALSE(parse_duration("1m30s"));
  EXPECT_FALSE(parse_duration("0x10s"));
}

TEST(Units, ADurationTooLongToCountIsRefusedRatherThanWrapped) {
  EXPECT_TRUE(parse_duration("106751d"));
  EXPECT_FALSE(parse_duration("106752d"));
  EXPECT_FALSE(parse_duration("9223372036.999s"));
  EXPECT_FALSE(parse_duration("99999999999999999999s"));
}

TEST(Units, DurationsArePrintedExactlyAndReadable) {
  EXPECT_EQ(print_duration(Duration(1)), "1ns");
  EXPECT_EQ(print_duration(1500ms), "1500ms");
  EXPECT_EQ(print_duration(60s), "60s");
  EXPECT_EQ(print_duration(75s), "75s");
  EXPECT_EQ(print_duration(2min), "2m");
  EXPECT_EQ(print_duration(1h), "1h");
  EXPECT_EQ(print_duration(24h), "24h");
  EXPECT_EQ(print_duration(48h), "2d");
  EXPECT_EQ(print_duration(Duration::zero()), "0s");
}

TEST(Units, SizesArePowersOf1024) {
  EXPECT_EQ(parse_bytes("512B"), 512_B);
  EXPECT_EQ(parse_bytes("64KiB"), 64_KiB);
  EXPECT_EQ(parse_bytes("1.5MiB"), 1536_KiB);
  EXPECT_EQ(parse_bytes("1TiB"), 1024_GiB);
  EXPECT_FALSE(parse_bytes("64"));
  EXPECT_FALSE(parse_bytes("64KB"));
  EXPECT_FALSE(parse_bytes("64k"));
  EXPECT_FALSE(parse_bytes("9999999999TiB"));
}

TEST(Units, SizesArePrintedInTheLargestUnitThatFits) {
  EXPECT_EQ(print_bytes({0}), "0B");
  EXPECT_EQ(print_bytes(1_KiB), "1KiB");
  EXPECT_EQ(print_bytes({1025}), "1025B");
  EXPECT_EQ(print_bytes(3_MiB), "3MiB");
}

TEST(Units, SharesAreAtMostTheWhole) {
  EXPECT_EQ(parse_share("20%"), Share{20});
  EXPECT_EQ(parse_share("0.5%"), Share{0.5});
  EXPECT_EQ(parse_share("100%"), Share{100});
  EXPECT_FALSE(parse_share("100.001%"));
  EXPECT_FALSE(parse_share("20"));
  EXPECT_FALSE(parse_share("-1%"));
}

TEST(Units, SharesArePrintedAsTheyWereWritten) {
  EXPECT_EQ(print_share({20}), "20%");
  EXPECT_EQ(print_share({12.5}), "12.5%");
  EXPECT_EQ(print_share(*parse_share("0.007%")), "0.007%");
}

TEST(Units, RatesSayPerWhat) {
  EXPECT_EQ(parse_rate("100/s"), (Rate{100, 1s}));
  EXPECT_EQ(parse_rate("5/m"), (Rate{5, 1min}));
  EXPECT_EQ(parse_rate("10/5s"), (Rate{10, 5s}));
  EXPECT_FALSE(parse_rate("10"));
  EXPECT_FALSE(parse_rate("10/"));
  EXPECT_FALSE(parse_rate("/s"));
  EXPECT_FALSE(parse_rate("10/0s"));
  EXPECT_FALSE(parse_rate("10/s/s"));
}

TEST(Units, RatesArePrintedAsTheyWereWritten) {
  EXPECT_EQ(print_rate({100, 1s}), "100/s");
  EXPECT_EQ(print_rate({5, 1min}), "5/m");
  EXPECT_EQ(print_rate({10, 5s}), "10/5s");
  EXPECT_EQ(print_rate({10, 15s}), "10/15s");
}

}  // namespace
}  // namespace gg
