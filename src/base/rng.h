// SPDX-License-Identifier: Apache-2.0
// Chance that can be replayed. Each engine owns one, seeded by the kernel or by a simulation.
#pragma once

#include <bit>
#include <cstdint>

#include "base/assert.h"

namespace gg {

/// xoshiro256++ (Blackman and Vigna 2018), seeded through splitmix64. Not for secrets.
class Rng {
 public:
  explicit constexpr Rng(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = split(seed);
  }

  constexpr std::uint64_t next() {
    std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, bound). `bound` is at least 1. Bias below 2^-32 for bounds under 2^32.
  constexpr std::uint64_t below(std::uint64_t bound) {
    GG_ASSERT(bound > 0);
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }

  /// Uniform in [0, 1).
  constexpr double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  constexpr bool chance(double probability) { return fraction() < probability; }

 private:
  static constexpr std::uint64_t split(std::uint64_t& x) {
    x += 0x9e3779b97f4a7c15;
    std::uint64_t z = x;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t state_[4]{};
};

}  // namespace gg
