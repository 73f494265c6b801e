// SPDX-License-Identifier: Apache-2.0
// Incidents as JSON, for /api/v1/incidents and `goodgate incidents`.
#pragma once

#include <cstdint>
#include <string>

#include "admin/status.h"
#include "config/model.h"
#include "report/incidents.h"

namespace gg {

/// All of them, those that are open and cost the most first. One JSON object; its keys are an
/// interface. `config`: that the gateway runs with.
std::string to_json(const Incidents& incidents, const Config& config, const HistoryReport& history);

/// One with everything that is known of it. One JSON object.
std::string to_json(const Incident& incident, const Config& config);

}  // namespace gg
