// SPDX-License-Identifier: Apache-2.0
// Which requests are copied for another upstream, and how many at a time.
#pragma once

#include <atomic>
#include <cstdint>

#include "config/rules_model.h"
#include "http/method.h"

namespace gg {

/// Of one route. Any thread.
class Mirror {
 public:
  explicit Mirror(const MirrorConfig& config) : config_(config) {}

  /// Is that request copied? `dice` is by chance. `body_length`: 0 for none, as far as is known.
  bool wants(Method method, std::uint64_t body_length, std::uint64_t dice) const;
  std::uint64_t body_max() const { return config_.body.count; }

  /// The right to have one copy more in flight; leave() gives it back.
  bool enter();
  void leave() { running_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  const MirrorConfig& config_;
  std::atomic<std::uint32_t> running_{0};
};

}  // namespace gg
