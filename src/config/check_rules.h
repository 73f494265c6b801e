// SPDX-License-Identifier: Apache-2.0
// The cross-checks of one route's traffic rules, for check.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/complaint.h"
#include "config/model.h"
#include "config/reader.h"

namespace gg {

/// Is every request of it answered by a rule, so that no upstream is needed?
bool answers_by_itself(const RouteConfig& route);

/// The upstreams that a route leads to.
std::vector<std::string_view> upstreams_of(const RouteConfig& route);

/// Those that its rules ask or send copies to beside.
std::vector<std::string_view> side_upstreams_of(const RouteConfig& route);

/// `path` is where the route stands: "routes[0]".
void check_rules(const RouteConfig& route, const std::string& path, const Places& places,
                 ComplaintList& complaints);

}  // namespace gg
