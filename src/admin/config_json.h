// SPDX-License-Identifier: Apache-2.0
// The configuration in force as JSON, each value with where it comes from.
#pragma once

#include <string>

#include "config/model.h"

namespace gg {

/// One JSON object. `path`: of the file; empty: there is none. Secrets are left out.
std::string config_json(const Config& config, const std::string& path);

}  // namespace gg
