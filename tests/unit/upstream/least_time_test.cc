// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>

#include "unit/upstream/balancer_picks.h"
#include "upstream/balance/balancer.h"

namespace gg {
namespace {

TEST(LeastTime, AvoidsTheSlowOneOfThree) {
  std::unique_ptr<Balancer> balancer = make_least_time();
  std::array candidates = {Candidate{.index = a, .expected_time = 10ms},
                           Candidate{.index = b, .expected_time = 500ms},
                           Candidate{.index = c, .expected_time = 10ms}};

  EXPECT_EQ(times_picked(b, *balancer, candidates, 1000), 0U);
}

TEST(LeastTime, CountsRequestsInFlightAsTimeToCome) {
  std::unique_ptr<Balancer> balancer = make_least_time();
  std::array candidates = {Candidate{.index = a, .requests_in_flight = 3, .expected_time = 10ms},
                           Candidate{.index = b, .requests_in_flight = 0, .expected_time = 30ms}};

  EXPECT_EQ(times_picked(b, *balancer, candidates, 100), 100U);
}

TEST(LeastTime, TakesANewEndpointToBeAsFastAsTheOther) {
  std::unique_ptr<Balancer> balancer = make_least_time();
  std::array idle = {Candidate{.index = a, .expected_time = 10ms}, Candidate{.index = b}};
  std::array busy = {Candidate{.index = a, .expected_time = 10ms},
                     Candidate{.index = b, .requests_in_flight = 1}};

  EXPECT_NEAR(static_cast<double>(times_picked(b, *balancer, idle, 1000)), 500, 80);
  EXPECT_EQ(times_picked(b, *balancer, busy, 100), 0U);
}

TEST(LeastTime, GivesTheHeavierMoreAtOnce) {
  std::unique_ptr<Balancer> balancer = make_least_time();
  std::array candidates = {
      Candidate{.index = a, .weight = 1, .requests_in_flight = 1, .expected_time = 10ms},
      Candidate{.index = b, .weight = 4, .requests_in_flight = 6, .expected_time = 10ms}};

  EXPECT_EQ(times_picked(b, *balancer, candidates, 100), 100U);
}

}  // namespace
}  // namespace gg
