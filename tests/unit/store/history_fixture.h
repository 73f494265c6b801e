// SPDX-License-Identifier: Apache-2.0
// A folder for a history, and what to put into it. Used by the tests of store/.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "store/history_file.h"

namespace gg {

class HistoryFixture : public testing::Test {
 protected:
  HistoryFixture() {
    // In memory where that is possible: flushing a disk hundreds of times takes long.
    bool has_memory = std::filesystem::is_directory("/dev/shm");
    std::string name =
        (has_memory ? std::string("/dev/shm/") : testing::TempDir()) + "goodgate-history-XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  ~HistoryFixture() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/history.db"; }
  HistorySettings settings(std::int64_t keeper = 1) const {
    return {.path = path(), .keeper = keeper};
  }
  HistoryFile open(HistorySettings settings) {
    Result<HistoryFile, std::string> file = HistoryFile::open(std::move(settings));
    EXPECT_TRUE(file) << (file ? "" : file.error());
    return std::move(*file);
  }
  HistoryFile open() { return open(settings()); }
  /// Why it cannot be opened; empty: it can.
  std::string complaint() {
    Result<HistoryFile, std::string> file = HistoryFile::open(settings());
    return file ? "" : file.error();
  }

  static Incident incident(std::uint64_t id) {
    Incident made;
    made.id = id;
    made.key = {.upstream = "app", .endpoint = "10.0.0.1:80", .fault = Fault::connect_refused};
    made.failed = id;
    return made;
  }
  static StoredRecord record(const std::string& id) {
    return {.id = id, .body = "the story of " + id};
  }

  void put(const std::string& bytes) {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << bytes;
  }
  std::string bytes() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

}  // namespace gg
