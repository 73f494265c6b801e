// SPDX-License-Identifier: Apache-2.0
#include "gate/log_outlet.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace gg {
namespace {

std::unique_ptr<LogBuffer> lines_of(std::string_view text) {
  auto buffer = std::make_unique<LogBuffer>();
  std::ranges::copy(text, buffer->room().begin());
  buffer->add_line(text.size());
  return buffer;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class ALogOutlet : public testing::Test {
 protected:
  ALogOutlet() {
    char name[] = "/tmp/gg-outlet-XXXXXX";
    folder_ = ::mkdtemp(name);
    settings_.access.kind = LogTarget::Kind::file;
    settings_.access.path = folder_ / "access.log";
  }
  ~ALogOutlet() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  LogConfig settings_;
};

TEST_F(ALogOutlet, HasNoWriterWhenTheLogIsOff) {
  settings_.access.kind = LogTarget::Kind::off;
  LogOutlet outlet(settings_);
  outlet.pump();
  EXPECT_EQ(outlet.writer(), nullptr);
  EXPECT_EQ(outlet.next_pump(50ms), 50ms);
}

TEST_F(ALogOutlet, HasNoWriterWhenTheFileCannotBeOpened) {
  settings_.access.path = folder_ / "nowhere" / "access.log";
  LogOutlet outlet(settings_);
  EXPECT_EQ(outlet.writer(), nullptr);
}

TEST_F(ALogOutlet, WritesOnInANewFileAfterTheOldOneWasMovedAway) {
  LogOutlet outlet(settings_);
  outlet.writer()->swap(lines_of("one\n"));
  std::filesystem::rename(settings_.access.path, folder_ / "moved");

  outlet.reopen();
  outlet.writer()->swap(lines_of("two\n"));
  outlet.pump();

  EXPECT_EQ(content_of(folder_ / "moved"), "one\n");
  EXPECT_EQ(content_of(settings_.access.path), "two\n");
}

TEST_F(ALogOutlet, TriesAgainSoonWhileItsReaderIsAway) {
  settings_.access.kind = LogTarget::Kind::syslog;
  LogOutlet outlet(settings_);
  outlet.writer()->swap(lines_of("62026-08-01T12:34:56.000789Zone\n"));
  outlet.pump();
  EXPECT_LT(outlet.next_pump(50ms), 50ms);
}

TEST_F(ALogOutlet, MarksLinesForDaemonsAlone) {
  EXPECT_FALSE(LogOutlet::wants_marks({}));
  EXPECT_FALSE(LogOutlet::wants_marks(settings_.access));
  settings_.access.kind = LogTarget::Kind::syslog;
  EXPECT_TRUE(LogOutlet::wants_marks(settings_.access));
  settings_.access.kind = LogTarget::Kind::journald;
  EXPECT_TRUE(LogOutlet::wants_marks(settings_.access));
}

}  // namespace
}  // namespace gg
