// SPDX-License-Identifier: Apache-2.0
#include "tls/client_hello.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(ClientHello, IsAHandshakeRecordThatNamesTheServer) {
  std::string hello = client_hello("shop.example");

  ASSERT_GT(hello.size(), 60U);
  EXPECT_EQ(hello.substr(0, 2), "\x16\x03");
  EXPECT_EQ(hello[5], 1);
  EXPECT_NE(hello.find("shop.example"), std::string::npos);
}

TEST(ClientHello, NamesNobodyIfThereIsNoName) { EXPECT_GT(client_hello("").size(), 60U); }

}  // namespace
}  // namespace gg
