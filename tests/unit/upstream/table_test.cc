// SPDX-License-Identifier: Apache-2.0
// What every balancing algorithm must do; runs over the table, so a new row is tested by being one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "upstream/balance/balancer.h"

namespace gg {
namespace {

using Candidates = std::vector<Candidate>;

Candidate endpoint(std::uint32_t index, std::uint32_t weight = 1) {
  return {.index = EndpointIndex{index}, .weight = weight, .expected_time = 10ms};
}

Candidates pool_of(std::uint32_t size) {
  Candidates candidates;
  for (std::uint32_t i = 0; i < size; ++i) candidates.push_back(endpoint(i));
  return candidates;
}

/// A pool of 1 to 40 with gaps in its indexes and random facts.
Candidates random_pool(Rng& rng) {
  Candidates candidates;
  std::uint64_t size = 1 + rng.below(40);
  std::uint32_t index = 0;
  for (std::uint64_t i = 0; i < size; ++i) {
    index += static_cast<std::uint32_t>(1 + rng.below(3));
    candidates.push_back({.index = EndpointIndex{index},
                          .weight = static_cast<std::uint32_t>(1 + rng.below(100)),
                          .requests_in_flight = static_cast<std::uint32_t>(rng.below(5)),
                          .expected_time = 1ms * static_cast<int>(rng.below(50))});
  }
  return candidates;
}

std::vector<std::size_t> count_picks(Balancer& balancer, const Candidates& candidates, int picks) {
  Rng rng(7);
  std::vector<std::size_t> counts(candidates.size());
  for (int i = 0; i < picks; ++i) {
    EndpointIndex picked = balancer.pick(candidates, rng);
    ++counts[static_cast<std::size_t>(picked)];
  }
  return counts;
}

class EveryBalancer : public testing::TestWithParam<BalanceAlgorithm> {
 protected:
  std::unique_ptr<Balancer> balancer_ = GetParam().make();
};

TEST_P(EveryBalancer, PicksOnlyCandidates) {
  Rng rng(1);

  for (int round = 0; round < 2000; ++round) {
    Candidates candidates = random_pool(rng);
    EndpointIndex picked = balancer_->pick(candidates, rng);
    auto is_picked = [picked](const Candidate& candidate) { return candidate.index == picked; };

    ASSERT_EQ(std::ranges::count_if(candidates, is_picked), 1);
  }
}

TEST_P(EveryBalancer, PicksTheSameForTheSameSeed) {
  std::unique_ptr<Balancer> twin = GetParam().make();
  Rng rng(2);
  Rng twin_rng(2);
  Rng pools(3);

  for (int round = 0; round < 500; ++round) {
    Candidates candidates = random_pool(pools);

    ASSERT_EQ(balancer_->pick(candidates, rng), twin->pick(candidates, twin_rng));
  }
}

TEST_P(EveryBalancer, SharesEvenlyAmongEquals) {
  std::vector<std::size_t> counts = count_picks(*balancer_, pool_of(3), 30000);

  EXPECT_NEAR(static_cast<double>(std::ranges::min(counts)), 10000, 400);
  EXPECT_NEAR(static_cast<double>(std::ranges::max(counts)), 10000, 400);
}

TEST_P(EveryBalancer, StarvesNobodyInALargePool) {
  std::vector<std::size_t> counts = count_picks(*balancer_, pool_of(100), 100000);

  EXPECT_GT(std::ranges::min(counts), 700U);
  EXPECT_LT(std::ranges::max(counts), 1300U);
}

TEST_P(EveryBalancer, PrefersTheHeavier) {
  std::vector<std::size_t> counts =
      count_picks(*balancer_, {endpoint(0, 1), endpoint(1, 3)}, 10000);

  EXPECT_GT(counts[1], 7000U);
}

TEST_P(EveryBalancer, StartsAtDifferentPlacesForDifferentSeeds) {
  std::vector<std::size_t> first_picks(3);

  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    ++first_picks[static_cast<std::size_t>(GetParam().make()->pick(pool_of(3), rng))];
  }

  EXPECT_GT(std::ranges::min(first_picks), 60U);
}

TEST_P(EveryBalancer, IsWhatItsNumberMakes) {
  EXPECT_EQ(GetParam().make,
            balance_algorithms()[static_cast<std::size_t>(GetParam().balance)].make);
  EXPECT_NE(make_balancer(GetParam().balance), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Table, EveryBalancer, testing::ValuesIn(balance_algorithms()),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace gg
