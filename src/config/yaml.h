// SPDX-License-Identifier: Apache-2.0
// YAML text to a tree that remembers where everything stands. The only place that knows yaml-cpp.
// Bounded in depth and size; aliases are expanded within those bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/complaint.h"

namespace gg {

struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, list, map };
  Kind kind = Kind::null;
  Mark mark;
  std::string text;             // of a scalar
  std::vector<YamlNode> items;  // of a list, or of a map with `key` set, in the text's order
  std::string key;
  Mark key_mark;
};

/// The text's one document. Nothing when it could not be read at all; a repeated key is a
/// complaint too, but its first value is kept so that the rest can be checked. Marks are in `file`,
/// a number of `complaints`.
std::optional<YamlNode> parse_yaml(std::string_view text, ComplaintList& complaints, int file = 0);

}  // namespace gg
