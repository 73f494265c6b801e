// SPDX-License-Identifier: Apache-2.0
// `goodgate explain --config`: examines somebody's nginx or HAProxy configuration.
#pragma once

#include <string>

namespace gg {

/// The exit status of the command.
int explain_settings(const std::string& file, bool json);

}  // namespace gg
