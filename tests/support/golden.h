// SPDX-License-Identifier: Apache-2.0
// Compares a whole text with a file of the repository. UPDATE_GOLDENS=1 writes the file instead,
// and the difference is then reviewed like any other change.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "source_dir.h"

namespace gg {

/// `path` is relative to the repository.
inline testing::AssertionResult matches_file(const std::string& text, const std::string& path) {
  const std::string full_path = std::string(GG_SOURCE_DIR) + "/" + path;
  if (std::getenv("UPDATE_GOLDENS") != nullptr) {
    std::ofstream file(full_path, std::ios::binary);
    file << text;
    return file.good() ? testing::AssertionSuccess()
                       : testing::AssertionFailure() << "cannot write " << full_path;
  }
  std::ifstream file(full_path, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(file), {}};
  if (text == expected) return testing::AssertionSuccess();
  std::size_t line = 1;
  for (std::size_t i = 0; i < text.size() && i < expected.size() && text[i] == expected[i]; ++i) {
    if (text[i] == '\n') ++line;
  }
  return testing::AssertionFailure() << path << " differs from line " << line
                                     << " on; run again with UPDATE_GOLDENS=1 and review";
}

}  // namespace gg
