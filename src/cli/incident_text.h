// SPDX-License-Identifier: Apache-2.0
// Incidents as a person reads them, from what the admin interface tells.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/status_table.h"

namespace gg {

/// `json`: of /api/v1/incidents. Fails with a sentence if it is nothing of the kind.
Result<std::string, std::string> incident_table(std::string_view json, Coloring coloring);

/// `json`: of /api/v1/incidents/ID.
Result<std::string, std::string> incident_text(std::string_view json, Coloring coloring);

}  // namespace gg
