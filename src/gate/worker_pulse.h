// SPDX-License-Identifier: Apache-2.0
// Asks each worker thread for a sign of life once a second: how long it took to answer is how long
// everybody waits there. It brings along what only the worker knows. For metrics.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "gate/worker_thread.h"

namespace gg {

/// Control thread. What it is given outlives it; messages under way may come later.
class WorkerPulse {
 public:
  static constexpr Duration interval = 1s;
  /// So many of the last answers count.
  static constexpr std::size_t kept = 15;

  WorkerPulse(Engine& control, const std::vector<std::unique_ptr<WorkerThread>>& workers)
      : control_(control), workers_(workers) {}

  /// Often; asks when it is time to.
  void pump(Instant now);

  /// Per worker, the longest of the last fifteen seconds. One that does not answer has the time
  /// since it was asked.
  std::vector<Duration> lags(Instant now) const;
  /// By the configuration's order of upstreams: how many retries their budgets would allow now.
  std::vector<std::uint64_t> budgets() const;

 private:
  /// What is known of one worker. Shared with the messages.
  struct Patient {
    std::array<Duration, kept> lags{};
    std::size_t next = 0;
    bool is_asked = false;
    Instant asked_at{};
    std::vector<std::uint64_t> budgets;
  };
  class Answer;

  Engine& control_;
  const std::vector<std::unique_ptr<WorkerThread>>& workers_;
  std::vector<std::shared_ptr<Patient>> patients_;
  Instant next_look_{};
};

}  // namespace gg
