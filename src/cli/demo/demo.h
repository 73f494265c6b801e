// SPDX-License-Identifier: Apache-2.0
// The whole demo: gateway, origins and clients in one process, shown until it is time to end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace gg {

struct DemoSettings {
  std::optional<Duration> length;     // none: until an interrupt
  bool json = false;                  // the tally as JSON on standard output, all else on the other
  std::optional<std::string> listen;  // none: the usual address, a free port if that is taken
};

/// Runs it; the program's exit status. Call it before the process has other threads.
int run_demo(const DemoSettings& settings);

}  // namespace gg
