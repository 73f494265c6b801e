// SPDX-License-Identifier: Apache-2.0
// Chance for the swarm.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "base/rng.h"
#include "base/time.h"

namespace gg {

/// Draws that read as sentences.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : rng_(seed) {}

  bool chance(double probability) { return rng_.chance(probability); }
  std::size_t between(std::size_t least, std::size_t most) {
    return least + rng_.below(most - least + 1);
  }
  Duration between(Duration least, Duration most) {
    auto room = static_cast<std::uint64_t>((most - least).count()) + 1;
    return least + Duration(static_cast<std::int64_t>(rng_.below(room)));
  }
  /// Small ones mostly, large ones now and then.
  std::size_t size(std::size_t most) {
    auto bits = static_cast<std::size_t>(std::bit_width(most));
    return std::min(between(0, std::size_t{1} << between(0, bits)), most);
  }
  template <class Values>
  const auto& one_of(const Values& values) {
    return std::data(values)[rng_.below(std::size(values))];
  }
  Rng& rng() { return rng_; }

 private:
  Rng rng_;
};

}  // namespace gg
