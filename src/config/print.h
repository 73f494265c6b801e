// SPDX-License-Identifier: Apache-2.0
// A configuration as a file again, defaults included: what `goodgate check --effective` shows.
#pragma once

#include <string>

#include "config/model.h"

namespace gg {

/// YAML with every available key and the value in force. Loading it gives an equal `Config`.
std::string to_text(const Config& config);

/// The same for a screen: each value that the file gives with its file and line in a comment, and
/// no password or other secret.
std::string to_text_with_origins(const Config& config);

}  // namespace gg
