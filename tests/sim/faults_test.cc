// SPDX-License-Identifier: Apache-2.0
// The catalogue in simulation: every cause is provoked and comes out as it should, or is named with
// the reason why it cannot be.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "sim/provocations.h"

namespace gg {

namespace {

class Cause : public testing::TestWithParam<Provocation> {};

TEST_P(Cause, ComesOutWithItsIdBlameAndStatus) {
  const Provocation& expected = GetParam();
  World world(Seed{17}, {.origins = 1, .clients = 2});
  for (auto kind : {Trouble::Kind::client_leaves, Trouble::Kind::few_descriptors}) {
    world.declare({.kind = kind});
  }

  expected.provoke(world);

  const KeptRecord& record = world.last_record();
  EXPECT_EQ(name_of(record.fault), name_of(expected.fault));
  EXPECT_EQ(row_of(record.fault).id, expected.id);
  EXPECT_EQ(row_of(record.fault).blame, expected.blame);
  EXPECT_EQ(record.status, expected.status);
}

std::string test_name(const testing::TestParamInfo<Provocation>& info) {
  return std::string(name_of(info.param.fault));
}

INSTANTIATE_TEST_SUITE_P(Of, Cause, testing::ValuesIn(provocations().begin(), provocations().end()),
                         test_name);

TEST(Causes, AreAllProvokedOrExcusedOnce) {
  std::map<Fault, int> times;
  for (const Provocation& provocation : provocations()) ++times[provocation.fault];
  for (const Unprovoked& excuse : unprovoked_faults()) ++times[excuse.fault];

  for (const FaultRow& row : catalogue()) {
    int expected = row.fault == Fault::none ? 0 : 1;
    EXPECT_EQ(times[row.fault], expected) << row.id << " " << row.name;
  }
}

}  // namespace

}  // namespace gg
