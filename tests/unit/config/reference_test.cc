// SPDX-License-Identifier: Apache-2.0
#include "config/reference.h"

#include <gtest/gtest.h>

#include "golden.h"

namespace gg {
namespace {

TEST(Reference, TheCommittedFileIsWhatTheTableSays) {
  EXPECT_TRUE(read_whole(source_folder() / "docs/configuration.md") == configuration_reference())
      << "docs/configuration.md is stale; write it again with: make docs";
}

TEST(Reference, HasNoChapterOfWhatIsNotAvailableWhereAllIs) {
  std::string reference = configuration_reference();

  EXPECT_EQ(reference.find("## Not available in this version"), std::string::npos);
  EXPECT_NE(reference.find("## `etcd.tls`"), std::string::npos);
}

}  // namespace
}  // namespace gg
