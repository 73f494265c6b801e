// SPDX-License-Identifier: Apache-2.0
// Fills a model from a YAML tree by walking the rows of the schema. Used by load.cc.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "config/complaint.h"
#include "config/schema.h"
#include "config/yaml.h"

namespace gg {

/// Where each key that the text gives stands, by its path ("upstreams.app.endpoints[0].url").
/// Cross-checks use it to point, and to know what was given rather than taken by default.
class Places {
 public:
  void note(std::string path, Mark mark) { marks_.try_emplace(std::move(path), mark); }
  bool has(const std::string& path) const { return marks_.contains(path); }
  /// Of that path or of the nearest one above it that stands in the text.
  Mark find(std::string path) const;

 private:
  std::unordered_map<std::string, Mark> marks_;
};

/// Reads `node` into `owner`, the type that `section` describes. Every problem becomes a
/// complaint; what could be read is in `owner` in any case.
void read_section(const YamlNode& node, const Section& section, void* owner, std::string path,
                  Places& places, ComplaintList& complaints);

}  // namespace gg
