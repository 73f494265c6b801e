// SPDX-License-Identifier: Apache-2.0
#include "engine/epoll/process_clock.h"

#include <gtest/gtest.h>
#include <poll.h>

namespace gg {
namespace {

TEST(ProcessClock, MovesOnAsTimePasses) {
  Instant before = process_now();

  poll(nullptr, 0, 5);

  EXPECT_GE(process_now() - before, 5ms);
}

}  // namespace
}  // namespace gg
