// SPDX-License-Identifier: Apache-2.0
// Peak-EWMA with two choices, as Finagle and Linkerd do it: of two endpoints drawn at random the
// one with the lower
//   cost = expected_time * (requests_in_flight + 1) / weight
// The requests in flight make the cost of a hanging endpoint rise before any response tells so.
#include "upstream/balance/balancer.h"
#include "upstream/balance/two_choices.h"

namespace gg {
namespace {

double load_of(const Candidate& candidate) {
  return (candidate.requests_in_flight + 1.0) / candidate.weight;
}

class LeastTime final : public Balancer {
 public:
  EndpointIndex pick(std::span<const Candidate> candidates, Rng& rng) override {
    if (candidates.size() == 1) return candidates.front().index;
    TwoChoices two = draw_two(candidates, rng);
    double first = load_of(*two.first);
    double second = load_of(*two.second);
    // An endpoint never measured is taken to be as fast as the other: it gets its share, and no
    // rush of requests as a time of zero would give it.
    bool both_measured =
        two.first->expected_time > Duration::zero() && two.second->expected_time > Duration::zero();
    if (both_measured) {
      first *= static_cast<double>(two.first->expected_time.count());
      second *= static_cast<double>(two.second->expected_time.count());
    }
    if (first < second) return two.first->index;
    if (second < first) return two.second->index;
    return draw_by_weight(two, rng).index;
  }
};

}  // namespace

std::unique_ptr<Balancer> make_least_time() { return std::make_unique<LeastTime>(); }

}  // namespace gg
