// SPDX-License-Identifier: Apache-2.0
// Text from outside, made harmless for a terminal. Used by everything that prints what it read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gg {

/// Printable ASCII as it is, every other byte as \xNN; cut with "..." after `longest` characters.
std::string printable(std::string_view text, std::size_t longest = 300);

/// Words of text broken into lines of at most `columns`, each after the first begun with `indent`
/// spaces. The first line is taken to begin at column `indent` already.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns = 96);

}  // namespace gg
