// SPDX-License-Identifier: Apache-2.0
// The JSON Schema of the file, for editors. Made from the rows; docs/goodgate.schema.json holds it.
#pragma once

#include <string>

namespace gg {

/// Draft 2020-12, two spaces of indentation, a line feed at the end.
std::string json_schema();

}  // namespace gg
