// SPDX-License-Identifier: Apache-2.0
// A configuration as a file again, defaults included: `goodgate check --effective`.
#pragma once

#include <string>

#include "config/model.h"

namespace gg {

/// YAML with every available key and the value in force. Loading it gives an equal `Config`.
std::string to_text(const Config& config);

/// The same, each value that the file gives with its file and line in a comment.
std::string to_text_with_origins(const Config& config);

}  // namespace gg
