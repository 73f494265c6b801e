// SPDX-License-Identifier: Apache-2.0
// Fills a model from a YAML tree by walking the rows of the schema. Used by load.cc.
#pragma once

#include <string>
#include <string_view>

#include "config/complaint.h"
#include "config/origins.h"
#include "config/schema.h"
#include "config/yaml.h"

namespace gg {

/// Reads `node` into `owner`, the type that `section` describes. Every problem becomes a
/// complaint; what could be read is in `owner` in any case.
void read_section(const YamlNode& node, const Section& section, void* owner, std::string path,
                  Places& places, ComplaintList& complaints);

}  // namespace gg
