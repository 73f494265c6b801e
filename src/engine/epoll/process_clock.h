// SPDX-License-Identifier: Apache-2.0
// The monotonic clock for a process without an engine: the supervisor. A worker asks its engine.
#pragma once

#include "base/time.h"

namespace gg {

/// The kernel's monotonic time, now. Any thread.
Instant process_now();

}  // namespace gg
