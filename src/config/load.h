// SPDX-License-Identifier: Apache-2.0
// The way in: a file, a text or command-line arguments to a checked, immutable configuration, or
// to everything that is wrong with it. Used by cli/ and gate/.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/complaint.h"
#include "config/model.h"

namespace gg {

/// A configuration that may be used as it is. Its routes and upstreams are never empty, and each
/// route's `to` is the name of an upstream, unless a rule answers all of its requests.
struct LoadedConfig {
  std::shared_ptr<const Config> config;
  std::vector<Complaint> warnings;  // ordered by place
};

/// Complaints are ordered by place, and never empty on failure; warnings are among them.
using LoadResult = Result<LoadedConfig, std::vector<Complaint>>;

class Places;

/// Looks into the files that a configuration names, once the rest of it is good. tls/ has one.
using FileCheck = void (*)(const Config& config, const Places& places, ComplaintList& complaints);

/// `file_name` is how complaints call the text. `files` may be null.
LoadResult load_config(std::string_view text, std::string_view file_name,
                       FileCheck files = nullptr);

/// Reads and loads a file of at most 16 MiB. What the operating system says against it becomes
/// the complaint. Blocks; not for workers.
LoadResult load_config_file(const std::string& path, FileCheck files = nullptr);

/// `goodgate run --listen ADDRESS... --to URL...`: one upstream named "app", and every default.
LoadResult config_from_command_line(std::span<const std::string> listen,
                                    std::span<const std::string> to);

}  // namespace gg
