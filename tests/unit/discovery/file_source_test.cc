// SPDX-License-Identifier: Apache-2.0
#include "discovery/file_source.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace gg {
namespace {

class Hearer final : public SourceListener {
 public:
  void answered(std::size_t upstream, std::vector<EndpointConfig> endpoints,
                const std::string& problem) override {
    EXPECT_EQ(problem, "");
    EXPECT_EQ(upstream, 3U);
    std::string text = "answer:";
    for (const EndpointConfig& endpoint : endpoints) text += " " + endpoint.url.host;
    heard.push_back(std::move(text));
  }
  void failed(std::size_t /*upstream*/, const std::string& why) override { heard.push_back(why); }

  std::vector<std::string> heard;
};

class FileSourceTest : public testing::Test {
 protected:
  FileSourceTest() { std::filesystem::create_directories(folder_); }
  ~FileSourceTest() override { std::filesystem::remove_all(folder_); }

  void start() {
    source_.emplace(3, file(), hearer_);
    source_->start();
  }
  std::string file() const { return folder_ + "app"; }
  void write(std::string_view text, const std::string& name = "app") const {
    std::ofstream(folder_ + name) << text;
  }
  void replace(std::string_view text) const {
    write(text, "app.new");
    std::filesystem::rename(folder_ + "app.new", file());
  }
  /// What was said since it was asked last, a moment later.
  std::vector<std::string> heard(Duration later = 50ms) {
    now_ = now_ + later;
    source_->pump(now_);
    return std::exchange(hearer_.heard, {});
  }
  using Heard = std::vector<std::string>;
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_ =
      testing::TempDir() + "goodgate-file-source-" + std::to_string(getpid()) + "/";
  Hearer hearer_;
  Instant now_{1h};
  std::optional<FileSource> source_;
};

TEST_F(FileSourceTest, ReadsTheFileAtTheStartAndWheneverItIsWrittenOrReplaced) {
  write("http://a:1");
  start();
  EXPECT_EQ(heard(), Heard{"answer: a"});

  write("http://a:1\nhttp://b:1\n");
  EXPECT_EQ(heard(), Heard{"answer: a b"});

  replace("http://c:1\n");
  EXPECT_EQ(heard(), Heard{"answer: c"});
}

TEST_F(FileSourceTest, WhatSaysTheSameAgainIsNoNews) {
  write("http://a:1");
  start();
  heard();

  replace("http://a:1");
  EXPECT_EQ(heard(), Heard{});
  write("something else", "neighbour");
  EXPECT_EQ(heard(10s), Heard{});
}

TEST_F(FileSourceTest, ABrokenFileIsSaidOnceWithItsPlaceAndThenThatItIsGoodAgain) {
  write("http://a:1");
  start();
  heard();

  replace("http://a:1\nhttp://b:1 weigth=2\n");
  EXPECT_EQ(heard(),
            Heard{file() + ":2:12: \"weigth=2\" is none of weight=N, tier=N, zone=NAME and drain"});
  EXPECT_EQ(heard(10s), Heard{});

  replace("http://a:1");
  EXPECT_EQ(heard(), Heard{"answer: a"});
}

TEST_F(FileSourceTest, AFileThatIsNotThereIsSaidAndReadWhenItComes) {
  start();
  EXPECT_EQ(heard(), Heard{file() + " cannot be read: No such file or directory"});

  replace("http://a:1");
  EXPECT_EQ(heard(), Heard{"answer: a"});

  std::filesystem::remove(file());
  EXPECT_EQ(heard(), Heard{file() + " cannot be read: No such file or directory"});
}

TEST_F(FileSourceTest, ALinkThatLeadsElsewhereIsFollowed) {
  write("http://a:1", "one");
  write("http://b:1", "two");
  std::filesystem::create_symlink("one", folder() + "now");
  std::filesystem::create_symlink("now", file());
  start();
  EXPECT_EQ(heard(), Heard{"answer: a"});

  std::filesystem::create_symlink("two", folder() + "now.new");
  std::filesystem::rename(folder() + "now.new", folder() + "now");
  EXPECT_EQ(heard(), Heard{"answer: b"});
}

TEST_F(FileSourceTest, WhereThereIsNoNewsAChangeIsFoundOnceItHasSettled) {
  std::string elsewhere = testing::TempDir() + "goodgate-elsewhere-" + std::to_string(getpid());
  std::ofstream(elsewhere) << "http://a:1";
  std::filesystem::create_symlink(elsewhere, file());
  start();
  heard(FileSource::look_interval);
  std::ofstream(elsewhere) << "http://a:1\nhttp://b:1";

  EXPECT_EQ(heard(FileSource::look_interval), Heard{});
  EXPECT_EQ(heard(FileSource::look_interval), Heard{"answer: a b"});
  std::filesystem::remove(elsewhere);
}

}  // namespace
}  // namespace gg
