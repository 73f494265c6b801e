// SPDX-License-Identifier: Apache-2.0
#include "rules/split.h"

#include <gtest/gtest.h>

#include "rules_request.h"

namespace gg {
namespace {

Address client(unsigned number) {
  return Address::v4(
      {10, 0, static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)}, 1);
}

class SplitTest : public testing::Test {
 protected:
  std::size_t choose(const Split& split, unsigned number, std::uint64_t dice = 0) {
    return split.choose(request_.head(), client(number), dice);
  }
  /// Of 10,000 clients, how many go to the first upstream.
  int first(const Split& split) {
    int count = 0;
    for (unsigned i = 0; i < 10'000; ++i) count += choose(split, i) == 0 ? 1 : 0;
    return count;
  }

  RulesRequest request_{RulesRequest::get("/")};
};

TEST_F(SplitTest, EachUpstreamGetsItsPart) {
  Split split({.among = {{"next", 10}, {"app", 90}}});

  EXPECT_NEAR(first(split), 1000, 100);
}

TEST_F(SplitTest, AClientStaysWhereItIs) {
  Split split({.among = {{"next", 50}, {"app", 50}}});

  EXPECT_EQ(choose(split, 42, 1), choose(split, 42, 2));
}

TEST_F(SplitTest, WhoIsAtTheFirstOneStaysThereWhenItsPartGrows) {
  Split small({.among = {{"next", 10}, {"app", 90}}});
  Split large({.among = {{"next", 20}, {"app", 80}}});
  int moved = 0;

  for (unsigned i = 0; i < 10'000; ++i) {
    moved += choose(small, i) == 0 && choose(large, i) != 0 ? 1 : 0;
  }

  EXPECT_EQ(moved, 0);
}

TEST_F(SplitTest, DiceDecideWhereNobodyIsToStay) {
  Split split({.among = {{"next", 1}, {"app", 1}}, .by = {SplitKey::Kind::random, {}}});

  EXPECT_EQ(choose(split, 42, 0), 0U);
  EXPECT_EQ(choose(split, 42, ~std::uint64_t{0}), 1U);
}

TEST_F(SplitTest, AnUpstreamWithoutWeightGetsNothing) {
  Split split({.among = {{"app", 3}, {"off", 0}}, .by = {SplitKey::Kind::random, {}}});

  EXPECT_EQ(choose(split, 1, ~std::uint64_t{0}), 0U);
  EXPECT_EQ(first(split), 10'000);
}

}  // namespace
}  // namespace gg
