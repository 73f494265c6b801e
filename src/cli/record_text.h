// SPDX-License-Identifier: Apache-2.0
// One request's life as a person reads it, from what the admin interface tells of it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/status_table.h"

namespace gg {

/// `json`: of /api/v1/records/ID. Fails with a sentence if it is nothing of the kind.
Result<std::string, std::string> record_text(std::string_view json, Coloring coloring);

}  // namespace gg
