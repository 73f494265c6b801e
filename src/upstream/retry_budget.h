// SPDX-License-Identifier: Apache-2.0
// How many retries an upstream bears right now, so that saving requests cannot sink it. Asked by
// the exchange before each further attempt; one per upstream and worker.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "config/model.h"

namespace gg {

/// A share of the requests of the last `over`, at least a floor, over a sliding window of ten
/// slots:
///   allowed = max(share * requests in the window, floor per second * length of the window)
/// A retry may be spent while fewer than that were spent in the same window. The floor is there
/// from the start, so a burst may use all of it. Pure, O(1), no allocation.
class RetryBudget {
 public:
  explicit RetryBudget(const RetryBudgetConfig& config)
      : share_(config.share.fraction()),
        floor_(config.floor.per_second() * std::chrono::duration<double>(config.over).count()),
        slot_length_(std::max(config.over / static_cast<int>(slots), Duration{1})) {}

  /// A request of a client; its retries are not counted here.
  void note_request(Instant now) {
    move_to(now);
    ++current().requests;
    ++sum_.requests;
  }

  /// True if another attempt may be made; it is then counted as spent.
  bool try_spend(Instant now) {
    if (left(now) == 0) return false;
    ++current().spent;
    ++sum_.spent;
    return true;
  }

  /// What was just spent led to no attempt after all.
  void give_back(Instant now) {
    move_to(now);
    if (current().spent == 0) return;
    --current().spent;
    --sum_.spent;
  }

  /// How many retries may be spent at this moment.
  std::uint64_t left(Instant now) {
    move_to(now);
    double share = share_ * static_cast<double>(sum_.requests);
    auto allowed = static_cast<std::uint64_t>(std::max(share, floor_) + rounding);
    return allowed > sum_.spent ? allowed - sum_.spent : 0;
  }

 private:
  static constexpr std::size_t slots = 10;
  static constexpr double rounding = 1e-6;  // 20 % of 5 is 1, whatever binary fractions say

  struct Slot {
    std::uint64_t requests = 0;
    std::uint64_t spent = 0;
  };

  Slot& current() { return slot_[static_cast<std::size_t>(newest_) % slots]; }

  /// Empties the slots that have left the window since. Time does not go back.
  void move_to(Instant now) {
    std::int64_t number = now.since_start / slot_length_;
    std::int64_t steps = std::min<std::int64_t>(number - newest_, slots);
    for (std::int64_t i = 0; i < steps; ++i) {
      newest_ = number - steps + 1 + i;
      sum_.requests -= current().requests;
      sum_.spent -= current().spent;
      current() = {};
    }
  }

  double share_;
  double floor_;
  Duration slot_length_;
  std::int64_t newest_ = 0;  // the number of the slot that `now` falls into
  Slot sum_;
  std::array<Slot, slots> slot_{};
};

}  // namespace gg
