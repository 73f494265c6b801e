// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>

#include "unit/upstream/balancer_picks.h"
#include "upstream/balance/balancer.h"

namespace gg {
namespace {

TEST(Random, FollowsTheWeightsAndNothingElse) {
  std::unique_ptr<Balancer> balancer = make_random();
  std::array candidates = {
      Candidate{.index = a, .weight = 1},
      Candidate{.index = b, .weight = 9, .requests_in_flight = 100, .expected_time = 1h}};

  EXPECT_NEAR(static_cast<double>(times_picked(b, *balancer, candidates, 10000)), 9000, 150);
}

}  // namespace
}  // namespace gg
