// SPDX-License-Identifier: Apache-2.0
// What waits to be sent to the collector, in which portions and when: a pure state machine, driven
// by TraceExporter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace gg {

/// Spans that were sent, and those that never will be, by reason. What came too fast for the queue
/// is counted by TraceRecorder.
struct TraceCounts {
  std::uint64_t exported = 0;
  std::uint64_t refused = 0;      // the collector did not want them
  std::uint64_t unreachable = 0;  // it could not be reached for too long
};

/// One batch at a time is under way. What could not be sent is tried again, ever more rarely, until
/// it is too old; meanwhile the rest waits, up to a bound.
class TraceQueue {
 public:
  static constexpr std::size_t batch_most = std::size_t{512} << 10;  // bytes
  static constexpr std::size_t waiting_most = std::size_t{2} << 20;  // bytes
  static constexpr Duration batch_wait = 1s;                         // of its first span
  static constexpr Duration too_old = 30s;                           // since it was sent first
  static constexpr Duration shortest_pause = 1s;
  static constexpr Duration longest_pause = 60s;

  enum class Outcome : std::uint8_t {
    taken,
    refused,      // for good: to send it again would not help
    busy,         // the collector asks for patience
    unreachable,  // no answer
  };

  bool has_room() const { return waiting_.size() < waiting_most; }
  /// `write(out)` appends the spans of a request to a text. There is room.
  template <class Write>
  void add(std::uint64_t spans, Instant now, Write write) {
    if (waiting_.empty()) waiting_since_ = now;
    write(waiting_);
    waiting_spans_ += spans;
  }
  /// From now on everything is sent at once.
  void hurry() { hurries_ = true; }
  /// The spans to send now, or null. Valid until sent().
  const std::string* due(Instant now);
  /// When due() may have something; nothing: not before add().
  std::optional<Instant> next() const;
  /// How that went. `pause`: what the collector asks for, zero: nothing. `chance`: below 1.
  /// `rejected`: of the spans taken, those that it left out.
  void sent(Outcome outcome, Instant now, Duration pause, double chance,
            std::uint64_t rejected = 0);

  bool is_empty() const { return waiting_.empty() && batch_.empty(); }
  /// Since the last success.
  std::uint32_t failures() const { return failures_; }
  const TraceCounts& counts() const { return counts_; }

 private:
  void give_up(std::uint64_t& reason);

  std::string waiting_;
  std::uint64_t waiting_spans_ = 0;
  Instant waiting_since_{};
  std::string batch_;  // empty: none is under way
  std::uint64_t batch_spans_ = 0;
  Instant batch_since_{};
  Instant not_before_{};
  std::uint32_t failures_ = 0;
  bool hurries_ = false;
  TraceCounts counts_;
};

}  // namespace gg
