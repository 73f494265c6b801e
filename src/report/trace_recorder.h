// SPDX-License-Identifier: Apache-2.0
// One worker's end of the traces: of each exchange that is over, decides whether its trace is kept,
// and hands it to the control thread.
#pragma once

#include <cstdint>

#include "record/record_sink.h"
#include "record/tally.h"
#include "report/trace_record.h"

namespace gg {

/// Keeps what was sampled from the start, and everything that failed or was rescued.
class TraceRecorder final : public RecordSink {
 public:
  /// `generation` is the configuration's.
  explicit TraceRecorder(std::uint64_t generation) : generation_(generation) {}

  /// Worker thread.
  void finished(const ExchangeRecord& record) override;

  /// For the control thread to read from.
  TraceRing& ring() { return ring_; }
  /// Spans lost because the control thread was too slow, or its own queue full. Any thread.
  const Tally& lost() const { return lost_; }

 private:
  TraceRing ring_;
  Tally lost_;
  std::uint64_t generation_;
};

}  // namespace gg
