// SPDX-License-Identifier: Apache-2.0
#include "record/counter_slots.h"

#include <algorithm>

#include "record/counters.h"

namespace gg {
namespace {

constexpr std::uint16_t other = 1;

}  // namespace

CounterSlots::CounterSlots() : names_{"", "other"} {}

std::uint16_t CounterSlots::slot_of(std::string_view name) {
  auto known = std::find(names_.begin() + other, names_.end(), name);
  if (known != names_.end()) return static_cast<std::uint16_t>(known - names_.begin());
  if (names_.size() == Counters::slots) return other;
  names_.emplace_back(name);
  return static_cast<std::uint16_t>(names_.size() - 1);
}

}  // namespace gg
