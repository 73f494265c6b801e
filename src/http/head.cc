// SPDX-License-Identifier: Apache-2.0
#include "http/head.h"

#include "base/text.h"

namespace gg {

const Field* Fields::find(std::string_view name) const {
  for (const Field& field : all_) {
    if (equal_ignoring_case(field.name, name)) return &field;
  }
  return nullptr;
}

}  // namespace gg
