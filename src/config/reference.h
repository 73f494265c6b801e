// SPDX-License-Identifier: Apache-2.0
// The reference of the file, for people. Made from the rows; docs/configuration.md holds it.
#pragma once

#include <string>

namespace gg {

/// Markdown: a chapter per section with an example and a table of its keys.
std::string configuration_reference();

}  // namespace gg
