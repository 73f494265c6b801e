// SPDX-License-Identifier: Apache-2.0
#include "fault/causes_document.h"

#include <gtest/gtest.h>

#include "fault/catalogue.h"
#include "support/golden.h"

namespace gg {
namespace {

TEST(CausesDocument, IsCurrentInTheRepository) {
  EXPECT_TRUE(matches_file(causes_document(), "docs/causes.md"));
}

TEST(CausesDocument, HasAHeadingForEveryFaultButNone) {
  const std::string document = causes_document();
  for (const FaultRow& row : catalogue().subspan(1)) {
    const std::string heading =
        "\n### " + std::string(row.id) + " `" + std::string(row.name) + "`\n";
    EXPECT_NE(document.find(heading), std::string::npos) << row.name;
  }
  EXPECT_EQ(document.find("`none`"), std::string::npos);
}

}  // namespace
}  // namespace gg
