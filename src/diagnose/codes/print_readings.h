// SPDX-License-Identifier: Apache-2.0
// What `goodgate explain CODE` prints.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "diagnose/codes/lookup.h"

namespace gg {

/// What it is, whose, why, how to prove it and how to mend it. Ends in a line feed.
std::string readings_text(std::string_view typed, std::span<const Reading> readings, bool color);

/// One JSON object: typed, and readings as an array.
std::string readings_json(std::string_view typed, std::span<const Reading> readings);

}  // namespace gg
