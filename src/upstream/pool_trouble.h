// SPDX-License-Identifier: Apache-2.0
// Is an upstream as a whole in trouble, or just one of its endpoints? Pure; one per upstream and
// worker, told by attempts, asked before another one.
#pragma once

#include <bit>
#include <cstdint>

#include "base/time.h"

namespace gg {

/// How the last attempts ended, one bit each, wherever they went. While one endpoint is sound this
/// does not speak of trouble: whoever fails elsewhere succeeds there, so that with three attempts
/// each at most two of three fail.
class PoolTrouble {
 public:
  static constexpr int attempts = 32;
  static constexpr int failed_least = 28;
  /// What lies further back than this says nothing about now.
  static constexpr Duration forgotten_after = 1s;

  void note(bool failed, Instant now) {
    if (now - last_ >= forgotten_after) history_ = 0;
    last_ = now;
    history_ = history_ << 1U | (failed ? 1U : 0U);
  }
  bool is_there(Instant now) const {
    return now - last_ < forgotten_after && std::popcount(history_) >= failed_least;
  }

 private:
  std::uint32_t history_ = 0;  // the newest in the lowest bit
  Instant last_{};
};

}  // namespace gg
