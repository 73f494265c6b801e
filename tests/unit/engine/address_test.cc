// SPDX-License-Identifier: Apache-2.0
#include "engine/address.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(Address, AUnixSocketsTextIsItsPathIfItHasOne) {
  EXPECT_EQ(ip_text(Address::unix_at("/run/a.sock")), "/run/a.sock");
  EXPECT_EQ(ip_text(Address::unix_at({})), "");
}

}  // namespace
}  // namespace gg
