// SPDX-License-Identifier: Apache-2.0
// Replays every corpus and every regression through its fuzz target, so that make test knows what
// fuzzing once found.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "replay_targets.h"
#include "source_dir.h"

namespace {

class Corpus : public testing::TestWithParam<FuzzTarget> {};

std::vector<std::filesystem::path> files_in(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::size_t replay(const FuzzTarget& target, const std::string& kind) {
  std::size_t count = 0;
  for (const auto& path : files_in(GG_SOURCE_DIR "/fuzz/" + kind + "/" + target.name)) {
    SCOPED_TRACE(path.string());
    std::ifstream stream(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    // A heap copy of the exact size, so that the address sanitizer sees a read past the end.
    std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
    EXPECT_EQ(target.run(exact.data(), exact.size()), 0);
    ++count;
  }
  return count;
}

TEST_P(Corpus, HoldsNothingThatBreaksItsTarget) {
  std::size_t corpus = replay(GetParam(), "corpus");
  replay(GetParam(), "regressions");

  EXPECT_GT(corpus, 0U) << "an empty corpus tests nothing";
  EXPECT_LT(corpus, 300U) << "minimise it: the target with -merge=1";
}

TEST_P(Corpus, IsNotNeededForTheEmptyInput) {
  std::uint8_t nothing = 0;

  EXPECT_EQ(GetParam().run(&nothing, 0), 0);
}

INSTANTIATE_TEST_SUITE_P(Replay, Corpus, testing::ValuesIn(fuzz_targets),
                         [](const auto& target) { return std::string(target.param.name); });

}  // namespace
