// SPDX-License-Identifier: Apache-2.0
// Any endpoint, each as likely as its weight says. Looks at nothing else.
#include "base/assert.h"
#include "upstream/balance/balancer.h"

namespace gg {
namespace {

class Random final : public Balancer {
 public:
  EndpointIndex pick(std::span<const Candidate> candidates, Rng& rng) override {
    std::uint64_t total = 0;
    for (const Candidate& candidate : candidates) total += candidate.weight;
    std::uint64_t drawn = rng.below(total);
    for (const Candidate& candidate : candidates) {
      if (drawn < candidate.weight) return candidate.index;
      drawn -= candidate.weight;
    }
    GG_UNREACHABLE("drawn is below the sum of the weights");
  }
};

}  // namespace

std::unique_ptr<Balancer> make_random() { return std::make_unique<Random>(); }

}  // namespace gg
