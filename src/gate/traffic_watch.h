// SPDX-License-Identifier: Apache-2.0
// Adds up what all workers have counted, once a second, for those who ask how traffic goes.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "admin/status.h"
#include "gate/worker_thread.h"
#include "report/recent.h"

namespace gg {

/// Control thread. What it is given outlives it.
class TrafficWatch {
 public:
  static constexpr Duration interval = 1s;

  explicit TrafficWatch(const std::vector<std::unique_ptr<WorkerThread>>& workers)
      : workers_(workers) {}

  /// Often; looks when it is time to.
  void pump(Instant now, WallTime wall);

  /// As they are now. By the slots of Counters.
  std::vector<RequestTotals> by_upstream() const;
  /// Of all of them.
  static RequestTotals sum_of(std::span<const RequestTotals> parts);
  const Recent& recent() const { return recent_; }

 private:
  const std::vector<std::unique_ptr<WorkerThread>>& workers_;
  Recent recent_;
  Instant next_look_{};
};

}  // namespace gg
