// SPDX-License-Identifier: Apache-2.0
// A file that the configuration consists of, in one piece.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace gg {

/// The content of a file of at most `most` bytes, or an errno: EFBIG for one that has more, EISDIR
/// for a folder. Blocks.
Result<std::string, int> read_whole_file(const std::string& name, std::size_t most);

/// That errno in words that follow "cannot be read: ".
std::string unreadable_text(int error, std::size_t most);

}  // namespace gg
