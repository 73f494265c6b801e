// SPDX-License-Identifier: Apache-2.0
#include "config/json_schema.h"

#include <gtest/gtest.h>

#include "golden.h"

namespace gg {
namespace {

TEST(JsonSchema, TheCommittedFileIsWhatTheTableSays) {
  EXPECT_TRUE(read_whole(source_folder() / "docs/goodgate.schema.json") == json_schema())
      << "docs/goodgate.schema.json is stale; write it again with: make docs";
}

TEST(JsonSchema, KnowsWhatThisVersionDoes) {
  std::string schema = json_schema();

  EXPECT_NE(schema.find("\"least_time\""), std::string::npos);
  EXPECT_NE(schema.find("\"first_byte\""), std::string::npos);
  EXPECT_NE(schema.find("\"hedge\""), std::string::npos);
  EXPECT_NE(schema.find("\"etcd\""), std::string::npos);
}

}  // namespace
}  // namespace gg
