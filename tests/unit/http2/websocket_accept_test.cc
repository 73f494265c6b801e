// SPDX-License-Identifier: Apache-2.0
#include "http2/websocket_accept.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(WebsocketAccept, IsWhatTheStandardsExampleSays) {  // RFC 6455 1.3
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace gg
