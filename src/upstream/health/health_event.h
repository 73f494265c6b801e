// SPDX-License-Identifier: Apache-2.0
// A change of an endpoint's health, as it is told to whoever listens.
#pragma once

#include <string_view>

#include "fault/fault.h"
#include "upstream/health/health_cell.h"

namespace gg {

/// An endpoint stands differently now. The texts live as long as the configuration.
struct HealthEvent {
  std::string_view upstream;
  std::string_view endpoint;
  HealthState from;
  HealthState to;
  Fault fault = Fault::none;
  HealthFigures figures;
  Instant now;
};

}  // namespace gg
