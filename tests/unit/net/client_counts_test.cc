// SPDX-License-Identifier: Apache-2.0
#include "net/client_counts.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace gg {
namespace {

constexpr SipKey key{.low = 7, .high = 11};

Address v4(std::uint8_t last) { return Address::v4({192, 0, 2, last}, 1000); }

Address v6(std::string_view text) { return *parse_ip(text, 1000); }

TEST(ClientCounts, AClientHasSoManyAndNoMore) {
  ClientCounts counts(2, 100, key);
  ClientCounts::Verdict first = counts.take(v4(1));
  ClientCounts::Verdict second = counts.take(v4(1));

  EXPECT_TRUE(first.is_within);
  EXPECT_TRUE(second.is_within);
  EXPECT_FALSE(counts.take(v4(1)).is_within);
  EXPECT_TRUE(counts.take(v4(2)).is_within);
  EXPECT_EQ(counts.count_of(v4(1)), 2U);
}

TEST(ClientCounts, WhoLeavesMakesRoom) {
  ClientCounts counts(1, 100, key);
  ClientCounts::Verdict first = counts.take(v4(1));
  EXPECT_FALSE(counts.take(v4(1)).is_within);

  counts.give_back(first.share);

  EXPECT_EQ(counts.count_of(v4(1)), 0U);
  EXPECT_TRUE(counts.take(v4(1)).is_within);
}

TEST(ClientCounts, PortsDoNotMakeAnotherClient) {
  ClientCounts counts(1, 100, key);
  ASSERT_TRUE(counts.take(Address::v4({192, 0, 2, 1}, 1000)).is_within);

  EXPECT_FALSE(counts.take(Address::v4({192, 0, 2, 1}, 2000)).is_within);
}

TEST(ClientCounts, AnIpv6ClientIsItsNetwork) {
  ClientCounts counts(1, 100, key);
  ASSERT_TRUE(counts.take(v6("2001:db8:1:2::1")).is_within);

  EXPECT_FALSE(counts.take(v6("2001:db8:1:2:ffff::9")).is_within);
  EXPECT_TRUE(counts.take(v6("2001:db8:1:3::1")).is_within);
}

TEST(ClientCounts, WithoutALimitNothingIsCounted) {
  ClientCounts counts(0, 100, key);

  for (int i = 0; i < 10; ++i) {
    ClientCounts::Verdict verdict = counts.take(v4(1));
    EXPECT_TRUE(verdict.is_within);
    EXPECT_EQ(verdict.share, ClientCounts::Share::none());
    counts.give_back(verdict.share);
  }
}

TEST(ClientCounts, WhoFindsNoPlaceIsLetIn) {
  ClientCounts counts(1, 1, key);  // 1024 places
  int uncounted = 0;
  for (int i = 0; i < 65536; ++i) {
    Address client = Address::v4(
        {10, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i & 0xff)}, 1);
    ClientCounts::Verdict verdict = counts.take(client);
    ASSERT_TRUE(verdict.is_within);
    if (verdict.share == ClientCounts::Share::none()) ++uncounted;
  }

  EXPECT_EQ(uncounted, 65536 - 1024);
}

TEST(ClientCounts, ThreadsThatComeAndGoLeaveNothing) {
  ClientCounts counts(3, 100, key);
  auto come_and_go = [&counts] {
    for (int i = 0; i < 20'000; ++i) {
      ClientCounts::Verdict verdict = counts.take(v4(static_cast<std::uint8_t>(i % 5)));
      if (verdict.is_within) counts.give_back(verdict.share);
    }
  };
  std::thread one(come_and_go);
  std::thread two(come_and_go);
  one.join();
  two.join();

  for (std::uint8_t i = 0; i < 5; ++i) EXPECT_EQ(counts.count_of(v4(i)), 0U);
}

}  // namespace
}  // namespace gg
