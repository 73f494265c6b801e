// SPDX-License-Identifier: Apache-2.0
#include "report/trace_recorder.h"

#include <type_traits>

namespace gg {
namespace {

static_assert(std::is_trivially_copyable_v<TraceRecord>);

bool is_wanted(const ExchangeRecord& record) {
  return record.trace->is_sampled || record.fault != Fault::none || record.status >= 500 ||
         record.has_failed_attempt();
}

}  // namespace

void TraceRecorder::finished(const ExchangeRecord& record) {
  if (record.trace == nullptr || !is_wanted(record)) return;
  TraceRecord* place = ring_.claim();
  if (place == nullptr) {
    lost_.add(1 + record.attempts_recorded());
    return;
  }
  keep(record, generation_, place->flight);
  place->context = *record.trace;
  std::string_view state = record.trace->state;
  place->context.state = {};
  place->state.set({});
  place->state.append(state);
  // Half of a list of vendors' marks is none.
  if (place->state.view().size() < state.size()) place->state.set({});
  ring_.publish();
}

}  // namespace gg
