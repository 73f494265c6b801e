// SPDX-License-Identifier: Apache-2.0
// Does one route take every request that another would? Used by check.cc to find routes that
// nothing reaches.
#pragma once

#include "config/model.h"

namespace gg {

/// True only when it is certain: expressions are compared as text.
bool covers(const RouteConfig& earlier, const RouteConfig& later);

}  // namespace gg
