// SPDX-License-Identifier: Apache-2.0
// Whether a template of the access log can be used, said as a complaint with a place. For
// `goodgate check`, and before a configuration is put in force.
#pragma once

#include "config/load.h"

namespace gg {

/// FileCheck.
void check_log_format(const Config& config, const Places& places, ComplaintList& complaints);

}  // namespace gg
