// SPDX-License-Identifier: Apache-2.0
// The files that traffic rules are made of, read when the configuration is.
#pragma once

#include "config/complaint.h"
#include "config/model.h"
#include "config/reader.h"

namespace gg {

/// Reads every page of `error_pages` into the configuration; what cannot be read is complained of.
/// Relative names start in the folder that goodgate was started in. Blocks.
void read_rule_files(Config& config, const Places& places, ComplaintList& complaints);

}  // namespace gg
