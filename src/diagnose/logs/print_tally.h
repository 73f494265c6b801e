// SPDX-License-Identifier: Apache-2.0
// What `goodgate explain --log` prints: the verdict first, then each cause with its evidence.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "diagnose/logs/tally.h"

namespace gg {

struct ReadFile {
  std::string name;
  std::string formats;  // "nginx error log"
};

std::string tally_text(const LogTally& tally, std::span<const ReadFile> files, bool color);
std::string tally_json(const LogTally& tally, std::span<const ReadFile> files);

/// Is there anything for the operator to act on?
bool has_trouble(const LogTally& tally);

}  // namespace gg
