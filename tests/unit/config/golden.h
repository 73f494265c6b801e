// SPDX-License-Identifier: Apache-2.0
// Compares whole texts with what is committed. UPDATE_GOLDENS=1 rewrites the files instead, and
// the difference is reviewed like any other.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "source_dir.h"

namespace gg {

inline std::filesystem::path source_folder() { return GG_SOURCE_DIR; }

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void expect_golden(const std::filesystem::path& path, const std::string& actual) {
  const char* update = std::getenv("UPDATE_GOLDENS");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(path, std::ios::binary) << actual;
  }
  EXPECT_EQ(read_whole(path), actual) << path << " is not what it should be; if the new text is "
                                      << "right: UPDATE_GOLDENS=1 build/debug/tests/unit_config";
}

}  // namespace gg
