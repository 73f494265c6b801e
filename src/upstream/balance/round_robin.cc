// SPDX-License-Identifier: Apache-2.0
// Smooth weighted round robin (as in nginx since 1.3.1): each pick every candidate gains its weight
// and the richest pays the sum. Weights 5, 1, 1 give a a b a c a a, never five in a row.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "upstream/balance/balancer.h"

namespace gg {
namespace {

class RoundRobin final : public Balancer {
 public:
  EndpointIndex pick(std::span<const Candidate> candidates, Rng& rng) override {
    make_room(candidates);
    if (!has_started_) start_somewhere(candidates, rng);
    return next(candidates);
  }

 private:
  /// Many workers that all began with the first endpoint would hit it at once.
  void start_somewhere(std::span<const Candidate> candidates, Rng& rng) {
    has_started_ = true;
    std::uint64_t skipped = rng.below(std::min<std::uint64_t>(candidates.size(), 256));
    for (std::uint64_t i = 0; i < skipped; ++i) next(candidates);
  }

  EndpointIndex next(std::span<const Candidate> candidates) {
    std::int64_t sum = 0;
    const Candidate* richest = nullptr;
    for (const Candidate& candidate : candidates) {
      std::int64_t& credit = credit_of(candidate);
      credit += candidate.weight;
      sum += candidate.weight;
      if (richest == nullptr || credit > credit_of(*richest)) richest = &candidate;
    }
    GG_ASSERT(richest != nullptr);
    credit_of(*richest) -= sum;
    return richest->index;
  }

  void make_room(std::span<const Candidate> candidates) {
    std::size_t needed = 0;
    for (const Candidate& candidate : candidates) {
      needed = std::max(needed, static_cast<std::size_t>(candidate.index) + 1);
    }
    if (needed > credit_.size()) credit_.resize(needed);
  }

  std::int64_t& credit_of(const Candidate& candidate) {
    return credit_[static_cast<std::size_t>(candidate.index)];
  }

  std::vector<std::int64_t> credit_;  // by endpoint; one that is left out keeps what it has
  bool has_started_ = false;
};

}  // namespace

std::unique_ptr<Balancer> make_round_robin() { return std::make_unique<RoundRobin>(); }

}  // namespace gg
