// SPDX-License-Identifier: Apache-2.0
#include "gate/state_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace gg {
namespace {

class StateDirectoryTest : public testing::Test {
 protected:
  StateDirectoryTest() {
    std::string name = testing::TempDir() + "goodgate-state-XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    unsetenv("STATE_DIRECTORY");
  }
  ~StateDirectoryTest() override {
    std::filesystem::remove_all(folder_);
    unsetenv("STATE_DIRECTORY");
  }
  std::string path() const { return folder_ + "/state"; }

 private:
  std::string folder_;
};

TEST_F(StateDirectoryTest, NothingIsKeptUnlessSomebodySaysWhere) {
  EXPECT_EQ(state_directory_of({}), "");
  EXPECT_EQ(state_directory_of({.kind = StateConfig::Kind::directory, .path = "/srv/x"}), "/srv/x");
  EXPECT_TRUE(StateDirectory::open("", {}).problem().empty());
}

TEST_F(StateDirectoryTest, TheServiceManagerMaySayWhere) {
  setenv("STATE_DIRECTORY", "/var/lib/goodgate:/var/lib/other", 1);

  EXPECT_EQ(state_directory_of({}), "/var/lib/goodgate");
  EXPECT_EQ(state_directory_of({.kind = StateConfig::Kind::off, .path = {}}), "");
  EXPECT_EQ(state_directory_of({.kind = StateConfig::Kind::directory, .path = "/srv/x"}), "/srv/x");
}

TEST_F(StateDirectoryTest, ItIsMadeForNoOneElse) {
  StateDirectory made = StateDirectory::open(path(), {});

  EXPECT_EQ(made.problem(), "");
  struct stat there{};
  ASSERT_EQ(stat(path().c_str(), &there), 0);
  EXPECT_EQ(there.st_mode & 0007U, 0U);
}

TEST_F(StateDirectoryTest, ASecondGatewayIsKeptOutUntilTheFirstHasEnded) {
  auto first = std::make_unique<StateDirectory>(StateDirectory::open(path(), {}));

  EXPECT_EQ(StateDirectory::open(path(), {}).problem(), "another gateway uses " + path());
  first.reset();
  EXPECT_EQ(StateDirectory::open(path(), {}).problem(), "");
}

TEST_F(StateDirectoryTest, ALockThatWasHandedOverGoesOn) {
  StateDirectory first = StateDirectory::open(path(), {});
  StateDirectory second = StateDirectory::adopt(path(), Descriptor(dup(first.lock())));
  first = StateDirectory();

  EXPECT_EQ(second.path(), path());
  EXPECT_EQ(StateDirectory::open(path(), {}).problem(), "another gateway uses " + path());
}

TEST_F(StateDirectoryTest, WhatCannotBeMadeOrWrittenIsSaid) {
  EXPECT_EQ(StateDirectory::open(path() + "/too/deep", {}).problem(),
            "cannot make " + path() + "/too/deep: No such file or directory");
  EXPECT_EQ(StateDirectory::open("/proc/self/status", {}).problem(),
            "cannot write in /proc/self/status: Not a directory");
}

}  // namespace
}  // namespace gg
