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

TEST(Reference, NamesWhatIsNotAvailableApart) {
  std::string reference = configuration_reference();
  std::size_t chapter = reference.find("## Not available in this version");

  ASSERT_NE(chapter, std::string::npos);
  EXPECT_GT(reference.find("`upstreams.NAME.discover.etcd`"), chapter);
  EXPECT_LT(reference.find("`first_byte`"), chapter);
}

}  // namespace
}  // namespace gg
