// SPDX-License-Identifier: Apache-2.0
#include "record/counter_slots.h"

#include <gtest/gtest.h>

#include <string>

#include "record/counters.h"

namespace gg {
namespace {

TEST(CounterSlots, ANameKeepsItsSlot) {
  CounterSlots slots;
  const std::uint16_t app = slots.slot_of("app");
  const std::uint16_t api = slots.slot_of("api");

  EXPECT_NE(app, api);
  EXPECT_NE(app, 0);
  EXPECT_EQ(slots.slot_of("app"), app);
  EXPECT_EQ(slots.names()[app], "app");
}

TEST(CounterSlots, ThereAreNoMoreSlotsThanCounters) {
  CounterSlots slots;
  for (std::size_t i = 0; i < Counters::slots + 10; ++i) slots.slot_of("u" + std::to_string(i));

  EXPECT_EQ(slots.names().size(), Counters::slots);
  EXPECT_EQ(slots.names()[slots.slot_of("one more")], "other");
  EXPECT_EQ(slots.names()[slots.slot_of("u0")], "u0");
}

TEST(CounterSlots, TheEmptyNameIsNotNobodys) {
  CounterSlots slots;
  EXPECT_NE(slots.slot_of(""), 0);
}

}  // namespace
}  // namespace gg
