// SPDX-License-Identifier: Apache-2.0
// Two different candidates at random, for the algorithms that compare only two: nearly as good as
// comparing all (Mitzenmacher 2001), cheap at any size, and many gateways do not herd on one.
#pragma once

#include <cstdint>
#include <span>

#include "base/rng.h"
#include "upstream/balance/balancer.h"

namespace gg {

struct TwoChoices {
  const Candidate* first;
  const Candidate* second;
};

/// `candidates` are at least two. One random number serves both draws: its high and its low half.
inline TwoChoices draw_two(std::span<const Candidate> candidates, Rng& rng) {
  std::uint64_t chance = rng.next();
  auto size = static_cast<std::uint64_t>(candidates.size());
  std::uint64_t a = ((chance >> 32) * size) >> 32;
  std::uint64_t b = ((chance & 0xffffffff) * (size - 1)) >> 32;
  if (b >= a) ++b;  // the second is drawn from the others
  return {&candidates[a], &candidates[b]};
}

/// One of two that are otherwise equal: as likely as its weight says.
inline const Candidate& draw_by_weight(const TwoChoices& two, Rng& rng) {
  std::uint64_t sum = std::uint64_t{two.first->weight} + two.second->weight;
  return rng.below(sum) < two.first->weight ? *two.first : *two.second;
}

}  // namespace gg
