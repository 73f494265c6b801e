// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "unit/upstream/balancer_picks.h"
#include "upstream/balance/balancer.h"

namespace gg {
namespace {

TEST(LeastRequests, PicksTheLeastBusyOfAllInASmallPool) {
  std::unique_ptr<Balancer> balancer = make_least_requests();
  std::array candidates = {Candidate{.index = a, .requests_in_flight = 2},
                           Candidate{.index = b, .requests_in_flight = 1},
                           Candidate{.index = c, .requests_in_flight = 3}};

  EXPECT_EQ(times_picked(b, *balancer, candidates, 100), 100U);
}

TEST(LeastRequests, WeighsTheRequestsInFlight) {
  std::unique_ptr<Balancer> balancer = make_least_requests();
  std::array candidates = {Candidate{.index = a, .weight = 1, .requests_in_flight = 2},
                           Candidate{.index = b, .weight = 5, .requests_in_flight = 9}};

  EXPECT_EQ(times_picked(b, *balancer, candidates, 100), 100U);
}

TEST(LeastRequests, DecidesTiesByWeight) {
  std::unique_ptr<Balancer> balancer = make_least_requests();
  std::array candidates = {Candidate{.index = a, .weight = 1}, Candidate{.index = b, .weight = 1},
                           Candidate{.index = c, .weight = 2}};

  EXPECT_NEAR(static_cast<double>(times_picked(c, *balancer, candidates, 10000)), 5000, 250);
  EXPECT_NEAR(static_cast<double>(times_picked(a, *balancer, candidates, 10000)), 2500, 250);
}

TEST(LeastRequests, AlmostNeverPicksTheBusiestOfALargePool) {
  std::unique_ptr<Balancer> balancer = make_least_requests();
  std::vector<Candidate> candidates;
  for (std::uint32_t i = 0; i < 100; ++i) candidates.push_back({.index = EndpointIndex{i}});
  candidates[1].requests_in_flight = 50;

  EXPECT_EQ(times_picked(b, *balancer, candidates, 10000), 0U);
}

}  // namespace
}  // namespace gg
