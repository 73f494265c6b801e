// SPDX-License-Identifier: Apache-2.0
#include "upstream/balance/rendezvous.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/sip_hash.h"

namespace gg {
namespace {

using Candidates = std::vector<Candidate>;

constexpr int keys = 20'000;

std::uint64_t key_of(int number) { return sip_hash({}, "key " + std::to_string(number)); }

Candidates pool_of(std::uint32_t size) {
  Candidates candidates;
  for (std::uint32_t i = 0; i < size; ++i) {
    candidates.push_back({.index = EndpointIndex{i},
                          .identity = sip_hash({}, "10.0.0." + std::to_string(i) + ":80")});
  }
  return candidates;
}
Candidates without(Candidates candidates, std::size_t place) {
  candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(place));
  return candidates;
}

std::vector<EndpointIndex> picks_of(const Candidates& candidates) {
  std::vector<EndpointIndex> picks;
  for (int i = 0; i < keys; ++i) picks.push_back(pick_by_key(candidates, key_of(i)));
  return picks;
}
std::size_t count(const std::vector<EndpointIndex>& picks, std::uint32_t index) {
  return static_cast<std::size_t>(std::ranges::count(picks, EndpointIndex{index}));
}

TEST(Rendezvous, AKeyGoesToTheSameEndpointInWhateverOrderTheyStand) {
  Candidates candidates = pool_of(7);
  std::vector<EndpointIndex> picks = picks_of(candidates);

  std::ranges::reverse(candidates);

  EXPECT_EQ(picks_of(candidates), picks);
}

TEST(Rendezvous, KeysAreSharedEvenly) {
  std::vector<EndpointIndex> picks = picks_of(pool_of(10));

  for (std::uint32_t i = 0; i < 10; ++i) {
    EXPECT_NEAR(static_cast<double>(count(picks, i)), keys / 10.0, keys / 10.0 * 0.1);
  }
}

TEST(Rendezvous, KeysAreSharedAsTheWeightsSay) {
  Candidates candidates = pool_of(3);
  candidates[0].weight = 5;
  candidates[1].weight = 4;

  std::vector<EndpointIndex> picks = picks_of(candidates);

  EXPECT_NEAR(static_cast<double>(count(picks, 0)), keys * 0.5, keys * 0.02);
  EXPECT_NEAR(static_cast<double>(count(picks, 1)), keys * 0.4, keys * 0.02);
  EXPECT_NEAR(static_cast<double>(count(picks, 2)), keys * 0.1, keys * 0.02);
}

TEST(Rendezvous, WhoLeavesTakesOnlyItsOwnKeysAlong) {
  std::vector<EndpointIndex> before = picks_of(pool_of(8));
  std::vector<EndpointIndex> after = picks_of(without(pool_of(8), 3));

  std::size_t moved = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(before[i] == EndpointIndex{3} || after[i] == before[i]);
    if (before[i] != after[i]) ++moved;
  }
  EXPECT_EQ(moved, count(before, 3));
}

TEST(Rendezvous, WhoJoinsTakesItsShareAndNothingElseMoves) {
  struct Row {
    std::uint32_t before;
    double moved;  // of a hundred keys
  };
  for (Row row : {Row{1, 50}, Row{2, 33.3}, Row{4, 20}, Row{9, 10}, Row{19, 5}}) {
    std::vector<EndpointIndex> before = picks_of(pool_of(row.before));
    std::vector<EndpointIndex> after = picks_of(pool_of(row.before + 1));

    int moved = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      EXPECT_TRUE(after[i] == before[i] || after[i] == EndpointIndex{row.before});
      if (before[i] != after[i]) ++moved;
    }
    EXPECT_NEAR(100.0 * moved / keys, row.moved, 0.1 * row.moved) << row.before << " endpoints";
  }
}

TEST(Rendezvous, TheKeysOfWhoLeftAreSharedByAllOthers) {
  std::vector<EndpointIndex> before = picks_of(pool_of(5));
  std::vector<EndpointIndex> after = picks_of(without(pool_of(5), 0));

  for (std::uint32_t i = 1; i < 5; ++i) {
    EXPECT_NEAR(static_cast<double>(count(after, i) - count(before, i)),
                static_cast<double>(count(before, 0)) / 4, keys / 20.0 * 0.15);
  }
}

TEST(Rendezvous, MoreWeightTakesKeysAndGivesNone) {
  Candidates heavier = pool_of(6);
  heavier[2].weight = 2;
  std::vector<EndpointIndex> before = picks_of(pool_of(6));
  std::vector<EndpointIndex> after = picks_of(heavier);

  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(after[i] == before[i] || after[i] == EndpointIndex{2});
  }
}

TEST(Rendezvous, AShareIsLikeLessWeight) {
  Candidates starting = pool_of(4);
  starting[1].share = 100;
  std::vector<EndpointIndex> before = picks_of(pool_of(4));
  std::vector<EndpointIndex> after = picks_of(starting);

  EXPECT_NEAR(static_cast<double>(count(after, 1)), keys * 0.1 / 3.1, keys * 0.01);
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(after[i] == before[i] || before[i] == EndpointIndex{1});
  }
}

TEST(Rendezvous, AFavouriteWithTooMuchToDoIsPassedOver) {
  Candidates candidates = pool_of(4);
  EndpointIndex favourite = pick_by_key(candidates, key_of(1));
  auto place = static_cast<std::size_t>(favourite);

  // 1.25 × (99 + 1) / 4 = 31.25
  for (Candidate& candidate : candidates) candidate.requests_in_flight = 23;
  candidates[place].requests_in_flight = 30;
  candidates[(place + 1) % 4].requests_in_flight = 23;
  EXPECT_EQ(pick_by_key(candidates, key_of(1)), favourite);

  candidates[place].requests_in_flight = 40;
  EXPECT_NE(pick_by_key(candidates, key_of(1)), favourite);
}

TEST(Rendezvous, AFewRequestsAreNeverTooMany) {
  Candidates candidates = pool_of(4);
  EndpointIndex favourite = pick_by_key(candidates, key_of(1));
  auto place = static_cast<std::size_t>(favourite);

  candidates[place].requests_in_flight = rendezvous::always_allowed - 1;
  EXPECT_EQ(pick_by_key(candidates, key_of(1)), favourite);

  candidates[place].requests_in_flight = rendezvous::always_allowed;
  EXPECT_NE(pick_by_key(candidates, key_of(1)), favourite);
}

TEST(Rendezvous, ASingleKeyLoadsNobodyBeyondTheBound) {
  Candidates candidates = pool_of(10);
  candidates[0].weight = 3;

  for (int i = 0; i < 1200; ++i) {
    ++candidates[static_cast<std::size_t>(pick_by_key(candidates, key_of(1)))].requests_in_flight;
  }

  for (const Candidate& candidate : candidates) {
    EXPECT_LE(candidate.requests_in_flight, 1.25 * 1200 / 12 * candidate.weight + 1);
  }
}

TEST(Rendezvous, SomebodyIsAlwaysFound) {
  Rng rng(3);
  for (int round = 0; round < 2000; ++round) {
    Candidates candidates = pool_of(1 + static_cast<std::uint32_t>(rng.below(20)));
    for (Candidate& candidate : candidates) {
      candidate.requests_in_flight = static_cast<std::uint32_t>(rng.below(100));
      candidate.weight = static_cast<std::uint32_t>(1 + rng.below(1000));
    }
    auto picked = static_cast<std::size_t>(pick_by_key(candidates, rng.next()));
    ASSERT_LT(picked, candidates.size());
  }
}

}  // namespace
}  // namespace gg
