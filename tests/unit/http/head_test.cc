// SPDX-License-Identifier: Apache-2.0
#include "http/head.h"

#include <gtest/gtest.h>

#include "vectors/make_head.h"

namespace gg {
namespace {

TEST(Fields, AreFoundByNameWhateverTheCase) {
  BufferPool pool;
  Fields fields = testing::make_fields(pool, {{"X-One", "1"}, {"x-two", "2"}, {"X-Two", "3"}});

  ASSERT_NE(fields.find("X-TWO"), nullptr);
  EXPECT_EQ(fields.find("X-TWO")->value, "2");
  EXPECT_EQ(fields.find("X-Thre"), nullptr);
}

TEST(Fields, AreFoundById) {
  BufferPool pool;
  Fields fields = testing::make_fields(pool, {{"X", "1"}, {"HOST", "a"}});

  EXPECT_EQ(fields.find(FieldName::host), &fields.all()[1]);
  EXPECT_EQ(fields.find(FieldName::te), nullptr);
}

}  // namespace
}  // namespace gg
