// SPDX-License-Identifier: Apache-2.0
#include "engine/epoll/process_clock.h"

#include <ctime>

namespace gg {

Instant process_now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return {std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)};
}

}  // namespace gg
