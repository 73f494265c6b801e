// SPDX-License-Identifier: Apache-2.0
#include "upstream/checks/grpc_health.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

using namespace std::string_literals;

TEST(GrpcHealth, AQuestionNamesTheService) {
  EXPECT_EQ(grpc_health::question("a.B"), "\0\0\0\0\5\x0a\3a.B"s);
}

TEST(GrpcHealth, AServiceMayHaveALongName) {
  std::string name(300, 's');

  EXPECT_EQ(grpc_health::question(name), "\0\0\0\x01\x2f\x0a\xac\x02"s + name);
}

TEST(GrpcHealth, AStarIsTheWholeServer) { EXPECT_EQ(grpc_health::question("*"), "\0\0\0\0\0"s); }

TEST(GrpcHealth, OnlyServingIsGood) {
  EXPECT_TRUE(grpc_health::is_serving("\0\0\0\0\2\x08\1"s));
  EXPECT_FALSE(grpc_health::is_serving("\0\0\0\0\2\x08\2"s));  // NOT_SERVING
  EXPECT_FALSE(grpc_health::is_serving("\0\0\0\0\0"s));        // UNKNOWN
  EXPECT_FALSE(grpc_health::is_serving("\1\0\0\0\2\x08\1"s));  // compressed, unasked
  EXPECT_FALSE(grpc_health::is_serving(""));
}

}  // namespace
}  // namespace gg
