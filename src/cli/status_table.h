// SPDX-License-Identifier: Apache-2.0
// The admin interface's status as a table for a person. Used by `goodgate status`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gg {

enum class Coloring : std::uint8_t { plain, colored };

/// `json`: what /api/v1/status gives. Keys that are missing count as zero or empty; fails with a
/// sentence when it is no JSON object at all.
Result<std::string, std::string> status_table(std::string_view json, Coloring coloring);

}  // namespace gg
