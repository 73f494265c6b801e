// SPDX-License-Identifier: Apache-2.0
// What one worker has counted. Written by the worker alone, read at any time by the control
// thread: single-writer relaxed atomics, so a count costs a plain load and store.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/time.h"
#include "record/histogram.h"
#include "record/record_sink.h"
#include "record/tally.h"
#include "tls/tls_error.h"

namespace gg {

/// The parts of an exchange whose durations are kept as histograms.
enum class Timing : std::uint8_t { queue, connect, tls, first_byte, total, last = total };
inline constexpr std::size_t timing_count = static_cast<std::size_t>(Timing::last) + 1;

/// Counts of requests by the class of the status that the client got; index 0: none was sent.
using StatusClasses = std::array<Tally, 6>;

struct RouteCounters {
  StatusClasses requests;
  Tally bytes_received;  // request heads and bodies from clients
  Tally bytes_sent;      // response heads and bodies to clients
};

struct UpstreamCounters {
  StatusClasses requests;
  std::array<Tally, fault_count> request_faults;  // how exchanges ended; `none` is not counted
  std::array<Tally, fault_count> attempt_faults;  // how attempts ended
  std::array<Tally, fault_count> rescued;         // saved by another attempt, by their first fault
  std::array<Tally, retry_count> unrescued;       // not saved, by the verdict that ended it
  Tally attempts;
  Tally retries;     // attempts after the first
  Tally hedges;      // of those, made while an earlier one still waited
  Tally hedges_won;  // of those, whose answer was given
  Tally attempts_on_reused;
  Tally bytes_written;  // to endpoints
  Tally bytes_read;     // from endpoints
  Tally connections_opened;
  Tally connections_closed;
  Gauge connections_active;  // lent to an attempt
  Gauge connections_idle;    // waiting in the pool
  Gauge requests_waiting;    // for admission
  Gauge requests_in_flight;  // admitted
  Gauge requests_limit;      // that may be, as learned
  std::array<Histogram, timing_count> timings;
};

/// What became of the copy of a request.
enum class MirrorOutcome : std::uint8_t {
  answered,
  failed,
  left_out,  // too many at a time, or too long a body
};

/// The counters of one worker. Routes and upstreams are addressed by slots that CounterSlots gave
/// to their names; slot 0 is for exchanges that had none.
class Counters final : public RecordSink {
 public:
  static constexpr std::size_t slots = 512;

  Counters();

  /// Adds one exchange and its attempts. Worker thread.
  void finished(const ExchangeRecord& record) override;

  /// The counters behind a slot, made on first use. Worker thread. `slot` is below `slots`.
  RouteCounters& route(std::size_t slot);
  UpstreamCounters& upstream(std::size_t slot);

  /// The same for readers: null if the worker never used the slot. Any thread.
  const RouteCounters* find_route(std::size_t slot) const;
  const UpstreamCounters* find_upstream(std::size_t slot) const;

  Tally client_connections_accepted;
  Tally client_connections_refused;     // at the limit, or out of descriptors
  Tally client_connections_over_share;  // among them: more than one client may have
  std::array<Tally, 3> forward_auth;    // questions whose answer was: go on, no, none
  std::array<Tally, 3> mirrors;         // copies of requests, by MirrorOutcome
  Gauge client_connections_active;
  Gauge client_connections_idle;
  Gauge requests_active;
  std::array<Tally, tls_failure_count> client_tls_failures;  // by TlsFailure
  Tally client_tls_crowded_out;  // handshakes ended because newer ones needed their place
  Tally access_log_dropped;      // lines lost because the log's reader was too slow

 private:
  template <class Block>
  class Slots {
   public:
    Block& take(std::size_t slot);
    const Block* find(std::size_t slot) const {
      return published_[slot].load(std::memory_order_acquire);
    }

   private:
    std::array<std::unique_ptr<Block>, slots> owned_;
    std::array<std::atomic<Block*>, slots> published_{};
  };

  Slots<RouteCounters> routes_;
  Slots<UpstreamCounters> upstreams_;
};

}  // namespace gg
