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

TEST(Fields, KnowWhichNamesAreThere) {
  BufferPool pool;
  Fields fields = testing::make_fields(pool, {{"Host", "a"}, {"X-Other", "b"}, {"te", "c"}});

  EXPECT_TRUE(fields.has(FieldName::host));
  EXPECT_TRUE(fields.has(FieldName::te));
  EXPECT_FALSE(fields.has(FieldName::x_request_id));
  EXPECT_FALSE(fields.has(FieldName::accept));
  EXPECT_EQ(fields.find(FieldName::te)->value, "c");
  EXPECT_EQ(fields.find(FieldName::via), nullptr);
}

}  // namespace
}  // namespace gg
