// SPDX-License-Identifier: Apache-2.0
// Gives each route and upstream name a small number that stays the same over reloads, so that
// counting needs no map and the number of series has a bound.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gg {

/// Names to slots of Counters. Owned by the control thread; slots are handed to workers inside
/// snapshots.
class CounterSlots {
 public:
  CounterSlots();

  /// The slot of `name`, a new one if there is room, else the one called "other". Never 0.
  std::uint16_t slot_of(std::string_view name);
  /// Slot 0 is "" (none), slot 1 is "other".
  std::span<const std::string> names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

}  // namespace gg
