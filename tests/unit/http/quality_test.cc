// SPDX-License-Identifier: Apache-2.0
#include "http/quality.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(Quality, IsWholeWhereNothingIsSaid) {
  EXPECT_EQ(quality_of(""), 1000);
  EXPECT_EQ(quality_of("; charset=utf-8"), 1000);
}

TEST(Quality, IsReadToThousandths) {
  EXPECT_EQ(quality_of("q=0"), 0);
  EXPECT_EQ(quality_of(";q=0."), 0);
  EXPECT_EQ(quality_of(";q=0.5"), 500);
  EXPECT_EQ(quality_of("; Q=0.05"), 50);
  EXPECT_EQ(quality_of(" ; q=0.123"), 123);
  EXPECT_EQ(quality_of("q=1"), 1000);
  EXPECT_EQ(quality_of("q=1.000"), 1000);
}

TEST(Quality, StandsAmongOtherParameters) {
  EXPECT_EQ(quality_of(";level=1;q=0.4"), 400);
  EXPECT_EQ(quality_of("; q=0.4 ; level=1"), 400);
  EXPECT_EQ(quality_of("; faq=0.4"), 1000);
}

TEST(Quality, IsWholeWhereItCannotBeRead) {
  EXPECT_EQ(quality_of("q="), 1000);
  EXPECT_EQ(quality_of("q=x"), 1000);
  EXPECT_EQ(quality_of("q"), 1000);
}

}  // namespace
}  // namespace gg
