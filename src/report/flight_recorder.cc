// SPDX-License-Identifier: Apache-2.0
#include "report/flight_recorder.h"

namespace gg {

void FlightRecorder::finished(const ExchangeRecord& record) {
  bool went_well = record.fault == Fault::none && !record.has_failed_attempt();
  if (went_well && !is_due_as_sample(record)) [[likely]]
    return;
  FlightRecord* place = ring_.claim();
  if (place == nullptr) {
    lost_.add();
    return;
  }
  keep(record, generation_, *place);
  ring_.publish();
}

bool FlightRecorder::is_due_as_sample(const ExchangeRecord& record) {
  Instant ended = record.started_at + record.total;
  if (ended < next_sample_) [[likely]]
    return false;
  next_sample_ = ended + between_samples;
  return true;
}

}  // namespace gg
