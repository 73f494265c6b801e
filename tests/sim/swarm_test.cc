// SPDX-License-Identifier: Apache-2.0
// Thousands of random worlds, each held against every promise. GG_SEED=n replays one of them,
// GG_SEEDS=n runs n fresh ones, GG_FIRST=n says where those begin (tools/soak does).
#include "sim/swarm.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <set>

#include "fault/catalogue.h"

namespace gg {

namespace {

#if defined(NDEBUG)
constexpr std::uint64_t seeds_by_default = 4000;
#else
constexpr std::uint64_t seeds_by_default = 400;  // with the sanitizers on
#endif
constexpr std::uint64_t shards = 4;
constexpr int failures_shown = 3;

std::uint64_t number_in(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

/// The seeds of one shard.
struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t count = 0;
};

Seeds seeds_of(std::uint64_t shard) {
  if (std::uint64_t only = number_in("GG_SEED")) return {.first = only, .count = shard == 0};
  if (std::uint64_t first = number_in("GG_FIRST")) {
    return {.first = first, .count = shard == 0 ? number_in("GG_SEEDS") : 0};
  }
  if (std::uint64_t fresh = number_in("GG_SEEDS")) {
    auto now = std::chrono::system_clock::now().time_since_epoch();
    auto today = static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
    std::uint64_t count = (fresh + shards - 1) / shards;
    return {.first = (today % 1'000'000'000) * 1'000 + shard * count, .count = count};
  }
  constexpr std::uint64_t count = seeds_by_default / shards;
  return {.first = 1 + shard * count, .count = count};
}

class Swarm : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Swarm, KeepsThePromises) {
  Seeds seeds = seeds_of(GetParam());
  int failures = 0;
  std::uint64_t count = 0;
  std::size_t requests = 0;
  std::size_t rescued = 0;
  std::size_t errors = 0;
  std::set<Fault> faults;

  for (; count < seeds.count && failures < failures_shown; ++count) {
    Seed seed{seeds.first + count};
    SwarmResult result = run_swarm(seed);
    requests += result.requests;
    rescued += result.rescued;
    errors += result.client_errors;
    faults.insert(result.faults.begin(), result.faults.end());
    if (result.complaints.empty()) continue;
    ++failures;
    std::string said;
    for (const std::string& complaint : result.complaints) said += "\n  " + complaint;
    ADD_FAILURE() << "seed " << seed.value << ": " << text_of(plan_of(seed)) << said
                  << result.stories << "\nreplay: GG_SEED=" << seed.value
                  << " tests/sim --gtest_filter='*Swarm*'";
  }

  RecordProperty("requests", static_cast<int>(requests));
  std::printf("%llu seeds, %zu requests, %zu rescued attempts, %zu errors, %zu kinds of fault\n",
              static_cast<unsigned long long>(count), requests, rescued, errors, faults.size());
}

INSTANTIATE_TEST_SUITE_P(Shard, Swarm, testing::Range<std::uint64_t>(0, shards));

/// Handshakes probably depend on the real clock, by the age of tickets.
std::vector<std::uint64_t> seeds_without_tls(std::size_t count) {
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t seed = 1; seeds.size() < count; ++seed) {
    if (!has_tls(plan_of({seed}))) seeds.push_back(seed);
  }
  return seeds;
}

TEST(SwarmSeed, GivesTheSameTraceEveryTime) {
  for (std::uint64_t seed : seeds_without_tls(30)) {
    SwarmResult first = run_swarm({seed});
    SwarmResult second = run_swarm({seed});

    EXPECT_EQ(first.trace, second.trace) << "seed " << seed;
    EXPECT_EQ(first.rescued, second.rescued) << "seed " << seed;
  }
}

TEST(SwarmSeed, MattersForTheTrace) {
  SwarmResult one = run_swarm({1});
  SwarmResult other = run_swarm({2});

  EXPECT_NE(one.trace, other.trace);
}

}  // namespace

}  // namespace gg
