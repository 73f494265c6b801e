// SPDX-License-Identifier: Apache-2.0
// `goodgate version`.
#include "base/version.h"

#include <fmt/core.h>

#include "cli/options.h"

namespace gg {

int version_command(Arguments arguments) {
  Options options("Prints the version.", "goodgate version");
  if (std::optional<int> status = options.read(arguments)) return *status;
  fmt::print("goodgate {}\n", version());
  return exit_fine;
}

}  // namespace gg
