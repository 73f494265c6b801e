// SPDX-License-Identifier: Apache-2.0
// How a simulated network behaves: between two addresses in general, and once on one connection.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace gg {

/// The two ends of a simulated connection.
enum class End : std::uint8_t { connector, acceptor };
constexpr End other(End end) { return end == End::connector ? End::acceptor : End::connector; }

/// How the way to one address behaves. The defaults are a quick, healthy and inconvenient network:
/// nothing fails, but reads and writes come in pieces. Probabilities are in [0, 1].
struct LinkSettings {
  Duration latency = 200us;            // one way
  Duration jitter = 100us;             // drawn once per connection and once per segment, added
  std::uint64_t bytes_per_second = 0;  // each way; 0: no limit
  std::size_t segment_max = 8192;      // bytes that travel together; at least 1
  std::size_t send_buffer = 65536;     // bytes a sender may have under way; at least 1
  std::size_t receive_buffer = 65536;  // bytes that wait at the receiver; at least 1

  double split = 0.2;               // of segments: cut short at random
  double short_read = 0.2;          // of receives: fewer bytes than there are
  double short_write = 0.2;         // of sends: the first part only, the rest a moment later
  double would_block = 0.1;         // of operations that could complete at once: a moment later
  bool every_byte = false;          // each receive gives one byte
  double reset_loses_unread = 0.5;  // of resets: what was not read yet is lost (Linux keeps it)

  double reset_chance = 0;  // of connections: reset somewhere in the first fault_within bytes
  double stall_chance = 0;  // of connections: likewise, but bytes stop moving for stall_for
  double end_chance = 0;    // of connections: likewise, but the sender dies in good order
  Duration stall_for = Duration::max();
  std::size_t fault_within = 65536;

  /// No chance at all: every read and write is whole, every delay is `latency`.
  static constexpr LinkSettings calm() {
    return {.jitter = 0us,
            .split = 0,
            .short_read = 0,
            .short_write = 0,
            .would_block = 0,
            .reset_loses_unread = 0};
  }
};

/// What an address does with who connects to it.
enum class ConnectAnswer : std::uint8_t {
  accept,               // as its listener can; refuses if nobody listens
  refuse,               // a reset answers
  black_hole,           // nothing answers; the system retries, and gives up after 127 s
  host_unreachable,     // ICMP
  network_unreachable,  // ICMP
  prohibited,           // ICMP, administratively
};

/// Something that befalls one direction of one connection when `after` bytes have arrived.
struct Cut {
  enum class How : std::uint8_t {
    reset,  // both ends see a reset
    end,    // the receiver sees an end of stream, the sender a reset: its process has died
    stall,  // nothing arrives any more, for `stall_for`
  };
  How how = How::reset;
  std::uint64_t after = 0;
  Duration stall_for = Duration::max();
};

}  // namespace gg
