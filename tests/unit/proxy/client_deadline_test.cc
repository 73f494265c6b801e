// SPDX-License-Identifier: Apache-2.0
#include "proxy/client_deadline.h"

#include <gtest/gtest.h>

namespace gg {

namespace {

TEST(GrpcTimeout, IsANumberAndAUnit) {
  EXPECT_EQ(parse_grpc_timeout("1H"), 1h);
  EXPECT_EQ(parse_grpc_timeout("2M"), 2min);
  EXPECT_EQ(parse_grpc_timeout("3S"), 3s);
  EXPECT_EQ(parse_grpc_timeout("250m"), 250ms);
  EXPECT_EQ(parse_grpc_timeout("7u"), 7us);
  EXPECT_EQ(parse_grpc_timeout("99999999n"), 99'999'999ns);
}

TEST(GrpcTimeout, BeyondADayIsADay) { EXPECT_EQ(parse_grpc_timeout("99999999H"), 24h); }

TEST(GrpcTimeout, OfAnotherFormIsNone) {
  for (std::string_view text : {"", "5", "S", "5s", "5 S", "-5S", "1.5S", "123456789S"}) {
    EXPECT_FALSE(parse_grpc_timeout(text)) << text;
  }
}

TEST(RequestTimeout, IsSecondsOrHasAUnit) {
  EXPECT_EQ(parse_request_timeout("2"), 2s);
  EXPECT_EQ(parse_request_timeout("0.25"), 250ms);
  EXPECT_EQ(parse_request_timeout("500ms"), 500ms);
  EXPECT_EQ(parse_request_timeout("1.5s"), 1500ms);
  EXPECT_EQ(parse_request_timeout("2m"), 2min);
  EXPECT_EQ(parse_request_timeout("0"), 0s);
}

TEST(RequestTimeout, OfAnotherFormIsNone) {
  for (std::string_view text : {"", "ms", "-1", "1.", ".5", "1e3", "5 s", "2h", "86401",
                                "99999999999999999999", "1.0000000001"}) {
    EXPECT_FALSE(parse_request_timeout(text)) << text;
  }
}

}  // namespace

}  // namespace gg
