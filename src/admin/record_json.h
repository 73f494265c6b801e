// SPDX-License-Identifier: Apache-2.0
// A flight record as JSON, for /api/v1/records/ID and `goodgate explain`.
#pragma once

#include <string>

#include "report/flight_record.h"

namespace gg {

/// One JSON object, pretty-printed; its keys are an interface.
std::string to_json(const FlightRecord& record);

}  // namespace gg
