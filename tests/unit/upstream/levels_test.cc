// SPDX-License-Identifier: Apache-2.0
#include "upstream/balance/levels.h"

#include <gtest/gtest.h>

#include <vector>

namespace gg {
namespace {

/// Of a thousand requests, how many each level takes.
std::vector<int> shares_of(const std::vector<Level>& levels) {
  std::vector<int> counts(levels.size());
  for (int i = 0; i < 1000; ++i) ++counts[level_for(levels, i / 1000.0)];
  return counts;
}

using Counts = std::vector<int>;

TEST(Levels, TheFirstTakesEverythingWhileItCan) {
  EXPECT_EQ(shares_of({{.all = 4, .usable = 4}, {.all = 4, .usable = 4}}), (Counts{1000, 0}));
  EXPECT_EQ(shares_of({{.all = 4, .usable = 3}, {.all = 4, .usable = 4}}), (Counts{1000, 0}));
}

TEST(Levels, TheNextTakesJustWhatTheFirstCannotCarry) {
  EXPECT_EQ(shares_of({{.all = 2, .usable = 1}, {.all = 4, .usable = 4}}), (Counts{700, 300}));
  EXPECT_EQ(shares_of({{.all = 4, .usable = 1}, {.all = 4, .usable = 4}}), (Counts{350, 650}));
}

TEST(Levels, TheNextTakesOverBitByBitAsTheFirstLosesMore) {
  std::vector<int> taken_over;
  for (std::uint64_t usable = 10; usable <= 10; --usable) {
    taken_over.push_back(shares_of({{.all = 10, .usable = usable}, {.all = 5, .usable = 5}})[1]);
  }

  EXPECT_EQ(taken_over, (Counts{0, 0, 0, 20, 160, 300, 440, 580, 720, 860, 1000}));
}

TEST(Levels, EveryLevelTakesAsMuchAsItCan) {
  EXPECT_EQ(shares_of({{.all = 4, .usable = 1}, {.all = 4, .usable = 1}, {.all = 1, .usable = 1}}),
            (Counts{350, 350, 300}));
}

TEST(Levels, WhatNobodyCanCarryIsSharedInProportion) {
  EXPECT_EQ(shares_of({{.all = 14, .usable = 3}, {.all = 14, .usable = 1}}), (Counts{750, 250}));
}

TEST(Levels, ALevelWithoutAnybodyGetsNothing) {
  EXPECT_EQ(shares_of({{.all = 4, .usable = 0}, {.all = 4, .usable = 4}}), (Counts{0, 1000}));
  EXPECT_EQ(shares_of({{.all = 4, .usable = 1}, {.all = 4, .usable = 0}}), (Counts{1000, 0}));
}

TEST(Levels, WithoutAnybodyTheFirstIsNamed) {
  EXPECT_EQ(shares_of({{.all = 4, .usable = 0}, {.all = 4, .usable = 0}}), (Counts{1000, 0}));
}

TEST(Levels, WeightsCountNotNumbers) {
  EXPECT_EQ(shares_of({{.all = 100, .usable = 90}, {.all = 1, .usable = 1}}), (Counts{1000, 0}));
}

TEST(Levels, TheLargestChanceFindsSomebody) {
  EXPECT_EQ(level_for(std::vector<Level>{{.all = 3, .usable = 1}, {.all = 3, .usable = 1}},
                      0x1.fffffffffffffp-1),
            1U);
}

}  // namespace
}  // namespace gg
