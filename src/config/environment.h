// SPDX-License-Identifier: Apache-2.0
// Values of the environment, and of files, in the configuration: ${NAME}, ${NAME:-default} and
// ${file:NAME}. Done on the tree of the text, before any key is read, so that no value can become
// another key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/complaint.h"
#include "config/yaml.h"

namespace gg {

/// Where such values come from.
struct ValueSource {
  /// The variable of that name, if there is one.
  std::optional<std::string> (*variable)(const std::string& name);
  /// The content of that file without the line end at its end, or why it cannot be had.
  Result<std::string, std::string> (*file)(const std::string& name);
};

/// The process's own environment; files of 64 KiB at most, relative to the folder it was started
/// in.
ValueSource values_of_this_process();

/// Replaces each in every scalar of `node` that is a value; keys stay as they are. "$${" is "${".
/// What cannot be had is complained of, with its place.
void substitute(YamlNode& node, const ValueSource& source, ComplaintList& complaints);

}  // namespace gg
