// SPDX-License-Identifier: Apache-2.0
#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace gg {

void assertion_failed(const char* file, int line, const char* expression) noexcept {
  std::fprintf(stderr, "%s:%d: broken: %s\n", file, line, expression);
  std::abort();
}

}  // namespace gg
