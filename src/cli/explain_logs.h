// SPDX-License-Identifier: Apache-2.0
// `goodgate explain --log`: opens the files, shows progress, prints what they add up to.
#pragma once

#include <span>
#include <string>

namespace gg {

/// "-" is standard input. The exit status of the command.
int explain_logs(std::span<const std::string> files, bool json);

}  // namespace gg
