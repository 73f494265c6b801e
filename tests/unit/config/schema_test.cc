// SPDX-License-Identifier: Apache-2.0
#include "config/schema.h"

#include <gtest/gtest.h>

#include "config/model.h"

namespace gg {
namespace {

TEST(Schema, RowsAreFoundByName) {
  ASSERT_NE(find_row(root_section(), "listeners"), nullptr);
  EXPECT_EQ(find_row(root_section(), "listeners")->shape.kind, Kind::list);
  EXPECT_EQ(find_row(root_section(), "nothing"), nullptr);
  EXPECT_EQ(find_row(root_section(), ""), nullptr);
}

TEST(Schema, ARowReachesItsMember) {
  Config config;
  const Row* threads = find_row(root_section(), "threads");

  threads->shape.number->store(threads->member(&config), 7);

  EXPECT_EQ(config.threads, 7U);
  EXPECT_EQ(print_scalar(threads->shape, threads->member_of(&config)), "7");
}

TEST(Schema, ZeroIsPrintedAsItsWord) {
  Config config;
  const Row* threads = find_row(root_section(), "threads");

  EXPECT_EQ(print_scalar(threads->shape, threads->member_of(&config)), "auto");
  EXPECT_EQ(allowed_text(threads->shape), "1 to 1024, or auto");
}

TEST(Schema, NumbersArePrintedInTheirUnit) {
  EXPECT_EQ(print_number(Kind::duration, 2'000'000'000), "2s");
  EXPECT_EQ(print_number(Kind::size, 65536), "64KiB");
  EXPECT_EQ(print_number(Kind::count, 12), "12");
}

}  // namespace
}  // namespace gg
