// SPDX-License-Identifier: Apache-2.0
// What each balancing algorithm does that the others do not.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "upstream/balance/balancer.h"

namespace gg {
namespace {

constexpr EndpointIndex a{0};
constexpr EndpointIndex b{1};
constexpr EndpointIndex c{2};

std::size_t times_picked(EndpointIndex wanted, Balancer& balancer,
                         std::span<const Candidate> candidates, int picks) {
  Rng rng(11);
  std::size_t count = 0;
  for (int i = 0; i < picks; ++i) {
    if (balancer.pick(candidates, rng) == wanted) ++count;
  }
  return count;
}

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

TEST(Random, FollowsTheWeightsAndNothingElse) {
  std::unique_ptr<Balancer> balancer = make_random();
  std::array candidates = {
      Candidate{.index = a, .weight = 1},
      Candidate{.index = b, .weight = 9, .requests_in_flight = 100, .expected_time = 1h}};

  EXPECT_NEAR(static_cast<double>(times_picked(b, *balancer, candidates, 10000)), 9000, 150);
}

}  // namespace
}  // namespace gg
