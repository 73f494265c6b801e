// SPDX-License-Identifier: Apache-2.0
// Health in words: for the log, the status and whoever asks why an endpoint gets nothing.
#pragma once

#include <string>
#include <string_view>

#include "fault/fault.h"
#include "upstream/health/health_event.h"
#include "upstream/health/health_machine.h"

namespace gg {

/// "up", "slow", "ejected", "probing", "recovering"; "draining" whatever else it is.
std::string_view standing_text(const HealthState& state);

/// Why it stands so: "5 faults in a row, the last head_timeout". Empty for an endpoint of which
/// nothing ever was to be told.
std::string reason_text(HealthReason reason, Fault fault, const HealthFigures& figures);

/// The whole change: "10.0.0.1:3000 of app is ejected for 1 s, was up: connect_refused".
std::string event_text(const HealthEvent& event);

/// "5 ms", "2 s", "1.5 s".
std::string time_text(Duration time);

}  // namespace gg
