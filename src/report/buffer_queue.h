// SPDX-License-Identifier: Apache-2.0
// A bounded queue of log buffers between any number of threads, without locks (after D. Vyukov's
// bounded queue: each cell carries the number of the turn it is ready for).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "report/log_writer.h"

namespace gg {

/// Holds at most `cells` buffers; `cells` is a power of two.
template <std::size_t cells>
class BufferQueue {
  static_assert((cells & (cells - 1)) == 0);

 public:
  BufferQueue() {
    for (std::size_t i = 0; i < cells; ++i) cells_[i].turn.store(i, std::memory_order_relaxed);
  }

  /// Takes `buffer` and returns true, or leaves it alone and returns false when full. Any thread.
  bool push(std::unique_ptr<LogBuffer>& buffer) {
    std::size_t place = push_at_.load(std::memory_order_relaxed);
    for (;;) {
      Cell& cell = cells_[place % cells];
      std::size_t turn = cell.turn.load(std::memory_order_acquire);
      if (turn < place) return false;
      bool is_free = turn == place;
      if (is_free && push_at_.compare_exchange_weak(place, place + 1, std::memory_order_relaxed)) {
        cell.buffer = std::move(buffer);
        cell.turn.store(place + 1, std::memory_order_release);
        return true;
      }
      if (!is_free) place = push_at_.load(std::memory_order_relaxed);
    }
  }

  /// The oldest buffer, or null. Any thread.
  std::unique_ptr<LogBuffer> pop() {
    std::size_t place = pop_at_.load(std::memory_order_relaxed);
    for (;;) {
      Cell& cell = cells_[place % cells];
      std::size_t turn = cell.turn.load(std::memory_order_acquire);
      if (turn < place + 1) return nullptr;
      bool is_full = turn == place + 1;
      if (is_full && pop_at_.compare_exchange_weak(place, place + 1, std::memory_order_relaxed)) {
        std::unique_ptr<LogBuffer> buffer = std::move(cell.buffer);
        cell.turn.store(place + cells, std::memory_order_release);
        return buffer;
      }
      if (!is_full) place = pop_at_.load(std::memory_order_relaxed);
    }
  }

 private:
  struct Cell {
    std::atomic<std::size_t> turn{0};
    std::unique_ptr<LogBuffer> buffer;
  };

  std::array<Cell, cells> cells_;
  alignas(64) std::atomic<std::size_t> push_at_{0};
  alignas(64) std::atomic<std::size_t> pop_at_{0};
};

}  // namespace gg
