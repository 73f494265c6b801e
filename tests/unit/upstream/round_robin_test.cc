// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "unit/upstream/balancer_picks.h"
#include "upstream/balance/balancer.h"

namespace gg {
namespace {

TEST(RoundRobin, SpreadsAHeavyEndpointOverTheRound) {
  std::unique_ptr<Balancer> balancer = make_round_robin();
  std::array candidates = {Candidate{.index = a, .weight = 5}, Candidate{.index = b, .weight = 1},
                           Candidate{.index = c, .weight = 1}};
  Rng rng(5);

  std::string picks;
  for (int i = 0; i < 70; ++i) {
    picks += static_cast<char>('a' + static_cast<int>(balancer->pick(candidates, rng)));
  }

  EXPECT_EQ(std::ranges::count(picks, 'a'), 50);
  EXPECT_EQ(std::ranges::count(picks, 'b'), 10);
  EXPECT_EQ(picks.find("aaaaa"), std::string::npos) << picks;
  EXPECT_NE((picks + picks).find("aabacaa"), std::string::npos) << picks;
}

TEST(RoundRobin, GivesOneThatWasAwayNoBurstWhenItReturns) {
  std::unique_ptr<Balancer> balancer = make_round_robin();
  std::array all = {Candidate{.index = a}, Candidate{.index = b}, Candidate{.index = c}};
  times_picked(c, *balancer, std::span(all).first(2), 1000);

  EXPECT_EQ(times_picked(c, *balancer, all, 30), 10U);
}

}  // namespace
}  // namespace gg
