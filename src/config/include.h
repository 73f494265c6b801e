// SPDX-License-Identifier: Apache-2.0
// Other files that a configuration includes, put into its tree before any key is read.
#pragma once

#include <string_view>

#include "config/complaint.h"
#include "config/environment.h"
#include "config/yaml.h"

namespace gg {

inline constexpr std::size_t included_files_most = 1000;
inline constexpr std::size_t include_depth_most = 8;

/// Takes the key `include` out of `root` and puts in what the files say that it names: one name or
/// pattern (glob(7)) or a list of them, relative to the folder of the file that names them; the
/// files of a pattern in the order of their names, each file once. Lists grow at their end, maps
/// get further keys; what would say something twice is complained of, and so is a name of no file,
/// a circle, and more than `include_depth_most` files inside each other. Marks of what comes from
/// a file are in that file. Blocks.
void expand_includes(YamlNode& root, std::string_view file_name, const ValueSource& values,
                     ComplaintList& complaints);

}  // namespace gg
