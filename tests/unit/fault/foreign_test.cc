// SPDX-License-Identifier: Apache-2.0
#include "fault/foreign.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(ForeignNames, KnowsHowOthersSayThatAConnectionWasRefused) {
  const ForeignNames* names = find_foreign_names(Fault::connect_refused);

  ASSERT_NE(names, nullptr);
  EXPECT_EQ(names->haproxy, "SC, EREFUSED");
  EXPECT_EQ(names->nginx,
            "connect() failed (111: Connection refused) while connecting to upstream");
}

TEST(ForeignNames, HasNothingForACauseThatOnlyWeName) {
  EXPECT_EQ(find_foreign_names(Fault::none), nullptr);
  EXPECT_EQ(find_foreign_names(Fault::client_gone_in_head), nullptr);
}

TEST(ForeignNames, EveryRowNamesAFaultOnce) {
  EXPECT_GT(foreign_names().size(), 60u);
  for (const ForeignNames& names : foreign_names()) {
    EXPECT_EQ(find_foreign_names(names.fault), &names);
  }
}

}  // namespace
}  // namespace gg
