// SPDX-License-Identifier: Apache-2.0
// The last minutes, second by second, as JSON: what the dashboard's curves begin with.
#pragma once

#include <deque>
#include <string>

#include "report/recent.h"

namespace gg {

/// One JSON object with an array per curve, the oldest second first.
std::string history_json(const std::deque<RecentPoint>& points);

}  // namespace gg
