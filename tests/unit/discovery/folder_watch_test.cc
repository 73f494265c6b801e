// SPDX-License-Identifier: Apache-2.0
#include "discovery/folder_watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace gg {
namespace {

class FolderWatchTest : public testing::Test {
 protected:
  FolderWatchTest() {
    std::filesystem::create_directories(folder_);
    watch_.watch(folder_);
  }
  ~FolderWatchTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name) { std::ofstream(folder_ + name) << "text"; }
  FolderWatch& watch() { return watch_; }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_ =
      testing::TempDir() + "goodgate-folder-watch-" + std::to_string(getpid()) + "/";
  FolderWatch watch_;
};

TEST_F(FolderWatchTest, TellsOfAFileThatWasWrittenOnce) {
  EXPECT_FALSE(watch().has_news("a"));
  write("a");

  EXPECT_TRUE(watch().has_news("a"));
  EXPECT_FALSE(watch().has_news("a"));
}

TEST_F(FolderWatchTest, TellsOfOthersOnlyWhoAsksForAny) {
  write("b");
  EXPECT_FALSE(watch().has_news("a"));

  write("b");
  EXPECT_TRUE(watch().has_news(""));
}

TEST_F(FolderWatchTest, TellsOfAFileThatTookAnothersPlace) {
  write("a");
  write("a.new");
  EXPECT_TRUE(watch().has_news("a"));

  std::filesystem::rename(folder() + "a.new", folder() + "a");
  EXPECT_TRUE(watch().has_news("a"));

  std::filesystem::remove(folder() + "a");
  EXPECT_TRUE(watch().has_news("a"));
}

TEST_F(FolderWatchTest, AFolderThatIsMadeAgainIsWatchedAgain) {
  std::filesystem::remove_all(folder());
  EXPECT_TRUE(watch().has_news("a"));
  std::filesystem::create_directories(folder());
  watch().watch(folder());
  write("a");

  EXPECT_TRUE(watch().has_news("a"));
}

TEST_F(FolderWatchTest, AFolderThatIsNotThereIsNoHarm) {
  watch().watch(folder() + "nowhere");

  EXPECT_FALSE(watch().has_news(""));
}

}  // namespace
}  // namespace gg
