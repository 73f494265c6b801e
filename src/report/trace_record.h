// SPDX-License-Identifier: Apache-2.0
// One request's trace on its way from a worker to the collector: its story, and what ties its spans
// together.
#pragma once

#include <cstddef>
#include <cstdint>

#include "report/flight_record.h"
#include "report/flight_ring.h"

namespace gg {

/// Copied as bytes. Some 2 KiB.
struct TraceRecord {
  TraceContext context;  // whose view is empty
  KeptText<256> state;   // tracestate; empty too if it is longer
  FlightRecord flight;

  /// One for the request, one for each attempt that is kept.
  std::size_t spans() const { return 1 + flight.attempts_kept; }
};

/// Pages that were never used cost nothing.
using TraceRing = RecordRing<TraceRecord, 1024>;

}  // namespace gg
