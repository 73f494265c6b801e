// SPDX-License-Identifier: Apache-2.0
#include "config/origins.h"

#include <fmt/format.h>

namespace gg {

Mark Places::find(std::string path) const {
  while (!path.empty()) {
    auto found = marks_.find(path);
    if (found != marks_.end()) return found->second;
    std::size_t cut = path.find_last_of(".[");
    path.resize(cut == std::string::npos ? 0 : cut);
  }
  return {};
}

std::string Origins::of(const std::string& path) const {
  Mark mark = places_.find(path);
  if (mark.line == 0) return {};
  return fmt::format("{}:{}", files_[static_cast<std::size_t>(mark.file)], mark.line);
}

}  // namespace gg
