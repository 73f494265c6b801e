// SPDX-License-Identifier: Apache-2.0
// The fewest requests in flight for the weight: of all in a small pool, of two drawn at random in a
// large one. Ties are decided by chance, as the weights say, so that an idle pool shares evenly.
#include <cstddef>

#include "upstream/balance/balancer.h"
#include "upstream/balance/two_choices.h"

namespace gg {
namespace {

constexpr std::size_t scan_all_up_to = 16;

/// Is a busier than b, weighed? Cross-multiplied so that no division rounds.
bool is_busier(const Candidate& a, const Candidate& b) {
  return std::uint64_t{a.requests_in_flight} * b.weight >
         std::uint64_t{b.requests_in_flight} * a.weight;
}

EndpointIndex pick_of_all(std::span<const Candidate> candidates, Rng& rng) {
  const Candidate* best = &candidates.front();
  std::uint64_t tied_weight = best->weight;
  for (const Candidate& candidate : candidates.subspan(1)) {
    if (is_busier(candidate, *best)) continue;
    bool is_tie = !is_busier(*best, candidate);
    tied_weight = is_tie ? tied_weight + candidate.weight : candidate.weight;
    // Taking each of the tied with weight/sum so far leaves every one with weight/sum of all.
    if (!is_tie || rng.below(tied_weight) < candidate.weight) best = &candidate;
  }
  return best->index;
}

class LeastRequests final : public Balancer {
 public:
  EndpointIndex pick(std::span<const Candidate> candidates, Rng& rng) override {
    if (candidates.size() <= scan_all_up_to) return pick_of_all(candidates, rng);
    TwoChoices two = draw_two(candidates, rng);
    if (is_busier(*two.first, *two.second)) return two.second->index;
    if (is_busier(*two.second, *two.first)) return two.first->index;
    return draw_by_weight(two, rng).index;
  }
};

}  // namespace

std::unique_ptr<Balancer> make_least_requests() { return std::make_unique<LeastRequests>(); }

}  // namespace gg
