// SPDX-License-Identifier: Apache-2.0
#include "config/whole_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace gg {
namespace {

class WholeFileTest : public testing::Test {
 protected:
  WholeFileTest() { std::filesystem::create_directories(folder_); }
  ~WholeFileTest() override { std::filesystem::remove_all(folder_); }

  std::string file_of(const std::string& text) const {
    std::string name = folder_ / "some.txt";
    std::ofstream(name) << text;
    return name;
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("goodgate-whole-file-" + std::to_string(getpid()));
};

TEST_F(WholeFileTest, AFileOfJustTheLimitIsRead) {
  std::string text(40'000, 'x');
  Result<std::string, int> read = read_whole_file(file_of(text), text.size());
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, text);
}

TEST_F(WholeFileTest, WhatIsLargerIsNotReadInPart) {
  Result<std::string, int> read = read_whole_file(file_of(std::string(4097, 'x')), 4096);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error(), EFBIG);
  EXPECT_EQ(unreadable_text(EFBIG, 4096), "it is larger than 4KiB");
}

TEST_F(WholeFileTest, AFolderAndAMissingFileSayWhatTheyAre) {
  EXPECT_EQ(read_whole_file(folder_, 4096).error(), EISDIR);
  EXPECT_EQ(read_whole_file(folder_ / "none", 4096).error(), ENOENT);
  EXPECT_EQ(unreadable_text(ENOENT, 4096), "No such file or directory");
}

}  // namespace
}  // namespace gg
