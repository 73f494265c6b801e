// SPDX-License-Identifier: Apache-2.0
// What a reload changed, in words, for whoever asks why something fails since. Used by the
// supervisor.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "config/model.h"

namespace gg {

/// When and how large the files were that a configuration names: certificates, keys, authorities.
struct FileStamp {
  std::int64_t modified = 0;  // nanoseconds since 1970; 0: it could not be looked at
  std::int64_t bytes = 0;
  bool operator==(const FileStamp&) const = default;
};
using FileStamps = std::map<std::string, FileStamp>;

/// As of now.
FileStamps stamps_of(const Config& config);

/// "the configuration was read again: upstream app, routes and the file site.pem changed"; a
/// sentence without an end.
std::string reload_text(const Config& before, const Config& after, const FileStamps& files_before,
                        const FileStamps& files_after);

}  // namespace gg
