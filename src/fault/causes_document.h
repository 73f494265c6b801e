// SPDX-License-Identifier: Apache-2.0
// docs/causes.md, written from the catalogue. Used by tools/gendocs and by the test that the
// document is current.
#pragma once

#include <string>

namespace gg {

std::string causes_document();

}  // namespace gg
