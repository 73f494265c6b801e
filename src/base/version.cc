// SPDX-License-Identifier: Apache-2.0
#include "base/version.h"

namespace gg {

std::string_view version() { return GG_VERSION; }

}  // namespace gg
