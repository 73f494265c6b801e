// SPDX-License-Identifier: Apache-2.0
// Which level of an upstream takes a request: the first as long as it can carry everything, the
// next ones just what it cannot. A level is a tier, or the gateway's own zone or the others in it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace gg {

/// Weights of a level's endpoints, in any unit.
struct Level {
  std::uint64_t all = 0;     // whether or not they can be used; at least 1
  std::uint64_t usable = 0;  // less of one that is only just back; at most `all`

  /// A level is taken to have been built with room to spare: with two thirds of it left it still
  /// carries more than nine tenths of everything.
  static constexpr double spare = 1.4;
  /// The part of all requests that it can carry, 0 to 1.
  double carries() const {
    return std::min(1.0, spare * static_cast<double>(usable) / static_cast<double>(all));
  }
};

/// The level for a request that drew `chance` in [0, 1). Each takes what those before it leave, as
/// far as it can; what nobody can carry is shared out in the same proportions. Levels without a
/// usable endpoint get nothing; if none has one, the first.
inline std::size_t level_for(std::span<const Level> levels, double chance) {
  double carried = 0;
  for (const Level& level : levels) carried += std::min(level.carries(), 1 - carried);
  double left = chance * carried;
  double before = 0;
  std::size_t last_usable = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    double takes = std::min(levels[i].carries(), 1 - before);
    if (takes <= 0) continue;
    if (left < takes) return i;
    left -= takes;
    before += takes;
    last_usable = i;
  }
  return last_usable;  // rounding at the upper end
}

}  // namespace gg
