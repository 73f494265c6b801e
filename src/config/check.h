// SPDX-License-Identifier: Apache-2.0
// What no single key can show: names that must exist, addresses that must differ, times that
// contradict. Used by load.cc after the reader.
#pragma once

#include "config/complaint.h"
#include "config/model.h"
#include "config/reader.h"

namespace gg {

/// Fills in what may be left out because it is obvious: the only upstream as the target of routes
/// that name none, and one route for everything when there is no route.
void fill_in_the_obvious(Config& config);

/// Complains about everything in `config`, filled in, that cannot work (errors) or that probably
/// is not meant (warnings).
void check(const Config& config, const Places& places, ComplaintList& complaints);

}  // namespace gg
