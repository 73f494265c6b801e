// SPDX-License-Identifier: Apache-2.0
// A bounded queue of records from one worker to the control thread: one writer, one reader, no
// lock, no allocation once it is made.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "report/flight_record.h"

namespace gg {

/// `Record` is plain data, `most` a power of two.
template <class Record, std::size_t most>
class RecordRing {
 public:
  static constexpr std::size_t capacity = most;

  RecordRing() : records_(std::make_unique_for_overwrite<Record[]>(capacity)) {}

  /// The place to write the next record to, or null when the reader is too far behind. Writer.
  Record* claim() {
    std::size_t at = written_.load(std::memory_order_relaxed);
    if (at - read_.load(std::memory_order_acquire) == capacity) return nullptr;
    return &records_[at % capacity];
  }
  /// What claim() gave is whole. Writer.
  void publish() {
    written_.store(written_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  /// The oldest record, or null. Stays valid until pop(). Reader.
  const Record* front() const {
    std::size_t at = read_.load(std::memory_order_relaxed);
    if (at == written_.load(std::memory_order_acquire)) return nullptr;
    return &records_[at % capacity];
  }
  void pop() { read_.store(read_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

 private:
  std::unique_ptr<Record[]> records_;
  alignas(64) std::atomic<std::size_t> written_{0};
  alignas(64) std::atomic<std::size_t> read_{0};
};

using FlightRing = RecordRing<FlightRecord, 256>;

}  // namespace gg
