// SPDX-License-Identifier: Apache-2.0
// intrusive_list.h, rng.h, text.h and time.h.
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/intrusive_list.h"
#include "base/rng.h"
#include "base/text.h"
#include "base/time.h"

namespace gg {

namespace {

struct Item : ListNode {
  explicit Item(int n) : number(n) {}
  int number;
};

std::vector<int> numbers_in(IntrusiveList<Item>& list) {
  std::vector<int> numbers;
  list.for_each([&numbers](Item& item) { numbers.push_back(item.number); });
  return numbers;
}

TEST(IntrusiveLists, KeepTheOrderOfPushing) {
  IntrusiveList<Item> list;
  Item one(1);
  Item two(2);
  Item zero(0);
  list.push_back(one);
  list.push_back(two);
  list.push_front(zero);

  EXPECT_EQ(numbers_in(list), (std::vector{0, 1, 2}));
  EXPECT_EQ(list.front().number, 0);
  EXPECT_EQ(list.back().number, 2);
}

TEST(IntrusiveLists, AnElementLeavesByItselfAndWhenItDies) {
  IntrusiveList<Item> list;
  Item stays(1);
  Item leaves(2);
  list.push_back(stays);
  list.push_back(leaves);
  {
    Item dies(3);
    list.push_back(dies);
  }

  leaves.unlink();
  leaves.unlink();

  EXPECT_EQ(numbers_in(list), std::vector{1});
  EXPECT_FALSE(leaves.is_linked());
}

TEST(IntrusiveLists, AVisitedElementMayUnlinkItself) {
  IntrusiveList<Item> list;
  std::array<Item, 4> items{Item(1), Item(2), Item(3), Item(4)};
  for (Item& item : items) list.push_back(item);

  list.for_each([](Item& item) {
    if (item.number % 2 == 0) item.unlink();
  });

  EXPECT_EQ(numbers_in(list), (std::vector{1, 3}));
}

TEST(IntrusiveLists, ADyingListLetsItsElementsGo) {
  Item item(1);
  {
    IntrusiveList<Item> list;
    list.push_back(item);
  }

  EXPECT_FALSE(item.is_linked());
}

TEST(Rngs, TheSameSeedGivesTheSameNumbersAndAnotherOthers) {
  Rng one(1);
  Rng same(1);
  Rng other(2);
  std::uint64_t first = one.next();

  EXPECT_EQ(first, same.next());
  EXPECT_NE(first, other.next());
}

TEST(Rngs, BelowReachesEveryValueAndNoMore) {
  Rng rng(3);
  std::array<int, 7> seen{};
  for (int i = 0; i < 70'000; ++i) ++seen.at(rng.below(7));

  EXPECT_GT(*std::min_element(seen.begin(), seen.end()), 9'500);
  EXPECT_LT(*std::max_element(seen.begin(), seen.end()), 10'500);
  EXPECT_EQ(rng.below(1), 0U);
}

TEST(Rngs, FractionsFillTheHalfOpenUnitInterval) {
  Rng rng(4);
  double least = 1;
  double most = 0;
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    double fraction = rng.fraction();
    least = std::min(least, fraction);
    most = std::max(most, fraction);
    sum += fraction;
  }

  EXPECT_GE(least, 0.0);
  EXPECT_LT(least, 0.001);
  EXPECT_LT(most, 1.0);
  EXPECT_GT(most, 0.999);
  EXPECT_NEAR(sum / 100'000, 0.5, 0.01);
}

TEST(Rngs, ChanceIsAsOftenAsItSays) {
  Rng rng(5);
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) hits += rng.chance(0.2) ? 1 : 0;

  EXPECT_NEAR(hits, 20'000, 600);
  EXPECT_FALSE(rng.chance(0));
  EXPECT_TRUE(rng.chance(1));
}

TEST(Texts, ComparingIgnoresOnlyAsciiCase) {
  EXPECT_TRUE(equal_ignoring_case("Content-LENGTH", "content-length"));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));  // differ in the bit that case differs in
  EXPECT_FALSE(equal_ignoring_case("\xc4", "\xe4"));
}

TEST(Texts, TrimmingTakesSpacesAndTabsOnly) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim("\r\na"), "\r\na");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Texts, NumbersAreWholeOrNothing) {
  EXPECT_EQ(parse_number("0"), 0U);
  EXPECT_EQ(parse_number("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_number("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_number(""), std::nullopt);
  EXPECT_EQ(parse_number("+1"), std::nullopt);
  EXPECT_EQ(parse_number("-1"), std::nullopt);
  EXPECT_EQ(parse_number(" 1"), std::nullopt);
  EXPECT_EQ(parse_number("1 "), std::nullopt);
  EXPECT_EQ(parse_number("0x10"), std::nullopt);
  EXPECT_EQ(parse_number("fF", 16), 255U);
  EXPECT_EQ(parse_number("0x1", 16), std::nullopt);
}

TEST(Texts, ListsSkipEmptyElements) {
  std::string_view list = " , chunked,,\tgzip ,";

  EXPECT_EQ(next_list_element(list), "chunked");
  EXPECT_EQ(next_list_element(list), "gzip");
  EXPECT_EQ(next_list_element(list), "");
  EXPECT_EQ(next_list_element(list), "");
}

TEST(Times, ASendMayTakeAsLongAsBytesAreTaken) {
  Deadline last = Deadline::at(Instant{12s});
  SendLimit limit = SendLimit::between_bytes(Instant{1s}, 5s, last);

  EXPECT_EQ(limit.deadline(), Deadline::at(Instant{6s}));
  limit.taken(Instant{4s});
  EXPECT_EQ(limit.deadline(), Deadline::at(Instant{6s}));  // asked when it passes, not before
  EXPECT_TRUE(limit.renew(Instant{6s}));
  EXPECT_EQ(limit.deadline(), Deadline::at(Instant{9s}));
  limit.taken(Instant{8s});
  EXPECT_TRUE(limit.renew(Instant{9s}));
  EXPECT_EQ(limit.deadline(), last);
  EXPECT_FALSE(limit.renew(Instant{12s}));
}

TEST(Times, ASendEndsWhenNothingWasTakenForTheGap) {
  SendLimit limit = SendLimit::between_bytes(Instant{1s}, 5s, Deadline::never());
  limit.taken(Instant{1s});

  EXPECT_FALSE(limit.renew(Instant{6s}));
}

TEST(Times, ASendWithADeadlineAloneIsNotGivenMore) {
  SendLimit limit = Deadline::at(Instant{3s});
  SendLimit endless = SendLimit::between_bytes(Instant{1s}, 0s, Deadline::never());

  limit.taken(Instant{2s});
  EXPECT_FALSE(limit.renew(Instant{3s}));
  EXPECT_TRUE(endless.deadline().is_never());
}

TEST(Times, ADeadlineIsMadeOnceAndCompared) {
  Instant now{10s};
  Deadline deadline = Deadline::after(now, 5s);

  EXPECT_EQ(deadline.when(), Instant{15s});
  EXPECT_EQ(deadline.time_left(now + 2s), 3s);
  EXPECT_EQ(deadline.time_left(now + 7s), -2s);
  EXPECT_FALSE(deadline.has_passed(now + 5s - 1ns));
  EXPECT_TRUE(deadline.has_passed(now + 5s));
  EXPECT_EQ(deadline.or_earlier(Deadline::at(Instant{12s})).when(), Instant{12s});
  EXPECT_EQ(deadline.or_earlier(Deadline::never()), deadline);
}

TEST(Times, NoWaitMeansNoLimit) {
  Deadline never = Deadline::after(Instant{10s}, 0s);

  EXPECT_TRUE(never.is_never());
  EXPECT_FALSE(never.has_passed(Instant{Duration::max() - 1ns}));
  EXPECT_EQ(never.time_left(Instant{1s}), Duration::max());
}

TEST(Sizes, LiteralsAreBinary) {
  using namespace literals;

  EXPECT_EQ((3_KiB).count, 3072U);
  EXPECT_EQ(1_MiB + 1_B, Bytes{1'048'577});
  EXPECT_LT(1023_MiB, 1_GiB);
}

TEST(Texts, HexDigitsAreWrittenInFull) {
  char digits[17] = {};
  write_hex(0x0123456789abcdef, digits);
  EXPECT_STREQ(digits, "0123456789abcdef");
  write_hex(0xff, digits);
  EXPECT_STREQ(digits, "00000000000000ff");
}

}  // namespace
}  // namespace gg
