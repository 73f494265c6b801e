// SPDX-License-Identifier: Apache-2.0
#include "http/trailers.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TrailerVerdict judge(std::string_view name) { return judge_trailer(field_name_of(name), name); }

TEST(Trailers, WhatFramesOrRoutesIsRefused) {
  EXPECT_EQ(judge("Transfer-Encoding"), TrailerVerdict::refuse);
  EXPECT_EQ(judge("content-length"), TrailerVerdict::refuse);
  EXPECT_EQ(judge("Host"), TrailerVerdict::refuse);
  EXPECT_EQ(judge("Connection"), TrailerVerdict::refuse);
}

TEST(Trailers, WhatOnlyAHeadMaySayIsDropped) {
  EXPECT_EQ(judge("Authorization"), TrailerVerdict::drop);
  EXPECT_EQ(judge("X-Forwarded-For"), TrailerVerdict::drop);
  EXPECT_EQ(judge("set-cookie"), TrailerVerdict::drop);
  EXPECT_EQ(judge("Content-Encoding"), TrailerVerdict::drop);
}

TEST(Trailers, EverythingElseStays) {
  EXPECT_EQ(judge("grpc-status"), TrailerVerdict::keep);
  EXPECT_EQ(judge("Server-Timing"), TrailerVerdict::keep);
  EXPECT_EQ(judge("Proxy-Status"), TrailerVerdict::keep);
  EXPECT_EQ(judge("ETag"), TrailerVerdict::keep);
}

}  // namespace
}  // namespace gg
