// SPDX-License-Identifier: Apache-2.0
#include "http/status.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(Status, PhrasesAreTheRegisteredOnes) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(413), "Content Too Large");
  EXPECT_EQ(reason_phrase(502), "Bad Gateway");
  EXPECT_EQ(reason_phrase(299), "");
}

TEST(Status, OnlyInterimNoContentAndNotModifiedForbidABody) {
  EXPECT_TRUE(forbids_body(100));
  EXPECT_TRUE(forbids_body(103));
  EXPECT_TRUE(forbids_body(204));
  EXPECT_TRUE(forbids_body(304));
  EXPECT_FALSE(forbids_body(200));
  EXPECT_FALSE(forbids_body(205));
  EXPECT_FALSE(is_interim(200));
}

}  // namespace
}  // namespace gg
