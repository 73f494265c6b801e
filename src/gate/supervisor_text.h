// SPDX-License-Identifier: Apache-2.0
// The sentences that the supervisor says to a person and to the service manager.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "config/model.h"
#include "gate/listeners.h"

namespace gg {

/// Writes "goodgate: " and the text as a line on standard error, in one piece.
void say(std::string_view text);

/// "listening on :8080 and 127.0.0.1:81, 1 upstream with 2 endpoints, admin on 127.0.0.1:9502".
std::string serving_text(const Listeners& listeners, const Config& config);

/// That so many descriptors are far too few for limits.connections; empty if they are not.
std::string descriptor_shortage_text(const Config& config, std::uint64_t descriptors);

/// `what` happened, and when the next one starts.
std::string restart_text(const std::string& what, Duration delay, std::uint32_t young_deaths);

std::string stopping_text(int signal_number, Duration drain_time);

/// "250ms", "5s".
std::string short_text(Duration duration);

// For Notifier::tell.

std::string ready_assignments(const Listeners& listeners, const Config& config);
std::string reloading_assignments(Instant now);
/// `longest`: how long the end may take; zero or less: not known.
std::string stopping_assignments(Duration longest);

}  // namespace gg
