// SPDX-License-Identifier: Apache-2.0
// Which Goodgate this is. Used by cli/, and by whatever tells an operator.
#pragma once

#include <string_view>

namespace gg {

/// Of this build: "0.1.0". CMake's project() says it.
std::string_view version();

}  // namespace gg
