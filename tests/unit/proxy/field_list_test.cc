// SPDX-License-Identifier: Apache-2.0
#include "proxy/field_list.h"

#include <gtest/gtest.h>

#include <cstring>

namespace gg {
namespace {

TEST(FieldList, FieldsStandInTheOrderOfAdding) {
  BufferPool pool;
  FieldList list(pool, 3, 0);

  list.add(FieldName::via, "1.1 a");
  list.add("X-Own", "1");
  list.add(Field{.name = "VIA", .value = "2", .id = FieldName::via});

  ASSERT_EQ(list.all().size(), 3U);
  EXPECT_EQ(list.all()[0].name, "Via");
  EXPECT_EQ(list.all()[0].id, FieldName::via);
  EXPECT_EQ(list.all()[1].name, "X-Own");
  EXPECT_EQ(list.all()[1].id, FieldName::other);
  EXPECT_EQ(list.all()[2].name, "VIA");
}

TEST(FieldList, TextOfOurOwnStaysWhereItIs) {
  BufferPool pool;
  FieldList list(pool, 1, 64);

  std::string_view first = list.text({"for=", "", "10.0.0.1"});
  std::span<char> room = list.room(3);
  std::memcpy(room.data(), "abc", 3);
  std::string_view second = list.text({"x"});

  EXPECT_EQ(first, "for=10.0.0.1");
  EXPECT_EQ(std::string_view(room.data(), room.size()), "abc");
  EXPECT_EQ(second, "x");
}

TEST(FieldList, AnEmptyListHasNothing) {
  BufferPool pool;
  FieldList list(pool, 1, 0);

  EXPECT_TRUE(list.all().empty());
  EXPECT_EQ(list.text({}), "");
}

TEST(FieldList, ItsMemoryGoesBackToThePool) {
  BufferPool pool;
  {
    FieldList list(pool, 40, 4000);
    EXPECT_GT(pool.bytes_lent(), 0U);
  }

  EXPECT_EQ(pool.bytes_lent(), 0U);
}

TEST(FieldListDeath, MoreThanItWasMadeForIsAMistake) {
  BufferPool pool;
  FieldList list(pool, 1, 256);

  EXPECT_DEATH(list.room(257), "spare.size");
}

}  // namespace
}  // namespace gg
