// SPDX-License-Identifier: Apache-2.0
// Numbers that one thread writes and any thread reads, without a locked instruction.
#pragma once

#include <atomic>
#include <cstdint>

namespace gg {

/// Counts up. add() on the owner's thread only; read() on any.
class Tally {
 public:
  void add(std::uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  std::uint64_t read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down. Changed on the owner's thread only; read on any.
class Gauge {
 public:
  void add(std::int64_t amount) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::int64_t read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

}  // namespace gg
