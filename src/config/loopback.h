// SPDX-License-Identifier: Apache-2.0
// Which hosts mean this machine alone. Used by checks of the file and of the admin address.
#pragma once

#include <string_view>

namespace gg {

/// Is it only this machine that can be meant by that host, as the file names it?
constexpr bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace gg
