// SPDX-License-Identifier: Apache-2.0
#include "admin/error_json.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(ErrorJson, IsOneLine) {
  EXPECT_EQ(error_json("no such page"), "{\"error\": \"no such page\"}\n");
}

TEST(ErrorJson, NothingInTheReasonCanEndIt) {
  EXPECT_EQ(error_json("a \"b\" \\ \n\x1f é"),
            "{\"error\": \"a \\\"b\\\" \\\\ \\u000a\\u001f é\"}\n");
}

}  // namespace
}  // namespace gg
