// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace gg {

/// Of this build: "0.1.0". CMake's project() says it.
std::string_view version();

}  // namespace gg
