// SPDX-License-Identifier: Apache-2.0
// One worker's end of the flight records: copies what failed, what was rescued and now and then
// what went well, and hands it to the control thread. A request without a fault pays a comparison.
#pragma once

#include <cstdint>

#include "record/record_sink.h"
#include "record/tally.h"
#include "report/flight_ring.h"

namespace gg {

class FlightRecorder final : public RecordSink {
 public:
  /// Of what went well, one is kept in so long.
  static constexpr Duration between_samples = 1s;

  /// `generation` is the configuration's.
  explicit FlightRecorder(std::uint64_t generation) : generation_(generation) {}

  /// Worker thread.
  void finished(const ExchangeRecord& record) override;

  /// For the control thread to read from.
  FlightRing& ring() { return ring_; }
  /// Records lost because the control thread was too slow. Any thread.
  const Tally& lost() const { return lost_; }

 private:
  bool is_due_as_sample(const ExchangeRecord& record);

  FlightRing ring_;
  Tally lost_;
  std::uint64_t generation_;
  Instant next_sample_{};
};

}  // namespace gg
