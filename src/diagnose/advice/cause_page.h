// SPDX-License-Identifier: Apache-2.0
// The page of docs/causes/ on one cause. Written by `make docs`.
#pragma once

#include <string>

#include "fault/fault.h"

namespace gg {

/// Markdown. `fault` is not `none`.
std::string cause_page(Fault fault);

}  // namespace gg
