// SPDX-License-Identifier: Apache-2.0
#include "store/history_file.h"

#include <sys/stat.h>

#include "unit/store/history_fixture.h"

namespace gg {
namespace {

class HistoryFileTest : public HistoryFixture {
 protected:
  static void write(HistoryFile& file, const std::vector<Incident>& incidents,
                    const std::vector<StoredRecord>& records) {
    Stored<void> done = file.write(incidents, records);
    EXPECT_TRUE(done) << (done ? "" : done.error().text);
  }
  static std::vector<std::uint64_t> ids(HistoryFile& file) {
    std::vector<std::uint64_t> all;
    auto found = file.take_over(HistoryFile::Claim::first);
    EXPECT_TRUE(found) << (found ? "" : found.error().text);
    for (const Incident& one : **found) all.push_back(one.id);
    return all;
  }
  static std::string story(HistoryFile& file, std::string_view id) {
    Stored<std::optional<std::string>> found = file.find_record(id);
    EXPECT_TRUE(found) << (found ? "" : found.error().text);
    return found->value_or("none");
  }
};

TEST_F(HistoryFileTest, WhatWasWrittenIsThereAfterwards) {
  {
    HistoryFile file = open();
    EXPECT_TRUE(ids(file).empty());
    write(file, {incident(1), incident(2)}, {record("aaaa1111")});
    write(file, {incident(2)}, {});
  }

  HistoryFile file = open();

  EXPECT_EQ(ids(file), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(story(file, "aaaa1111"), "the story of aaaa1111");
}

TEST_F(HistoryFileTest, ARecordIsFoundByTheBeginningOfItsIdAndTheWholeIdIsBetter) {
  HistoryFile file = open();
  write(file, {}, {record("abcdef"), record("abcdef99"), record("b")});

  EXPECT_EQ(story(file, "abcdef"), "the story of abcdef");
  EXPECT_EQ(story(file, "abcdef9"), "the story of abcdef99");
  EXPECT_EQ(story(file, "abc"), "the story of abcdef99");
  EXPECT_EQ(story(file, "abd"), "none");
  EXPECT_EQ(story(file, "%"), "none");
}

TEST_F(HistoryFileTest, TheFileIsForItsOwnerAlone) {
  HistoryFile file = open();

  struct stat made{};
  ASSERT_EQ(stat(path().c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777U, 0600U);
  ASSERT_EQ(stat((path() + "-wal").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777U, 0600U);
}

TEST_F(HistoryFileTest, TheOldestIncidentsGoFirst) {
  HistorySettings few = settings();
  few.incidents = 3;
  HistoryFile file = open(few);
  ids(file);
  for (std::uint64_t id = 1; id <= 5; ++id) write(file, {incident(id)}, {});

  EXPECT_EQ(ids(file), (std::vector<std::uint64_t>{3, 4, 5}));
}

TEST_F(HistoryFileTest, TheOldestRecordsGoFirstButNotTheOnesThatIncidentsName) {
  HistorySettings few = settings();
  few.records = 2;
  HistoryFile file = open(few);
  ids(file);
  Incident naming = incident(1);
  naming.first_samples = {"first"};
  naming.last_samples = {"third"};
  write(file, {naming}, {record("first")});
  for (const char* id : {"second", "third", "fourth", "fifth"}) write(file, {}, {record(id)});

  EXPECT_EQ(story(file, "first"), "the story of first");
  EXPECT_EQ(story(file, "second"), "none");
  EXPECT_EQ(story(file, "third"), "the story of third");
  EXPECT_EQ(story(file, "fifth"), "the story of fifth");
}

TEST_F(HistoryFileTest, AnIncidentThatGoesTakesItsSamplesAlong) {
  HistorySettings few = settings();
  few.records = 1;
  few.incidents = 1;
  HistoryFile file = open(few);
  ids(file);
  Incident naming = incident(1);
  naming.first_samples = {"first"};
  write(file, {naming}, {record("first")});
  write(file, {incident(2)}, {record("second")});
  write(file, {}, {record("third")});

  EXPECT_EQ(story(file, "first"), "none");
  EXPECT_EQ(story(file, "third"), "the story of third");
}

TEST_F(HistoryFileTest, TheFileStaysWithinItsSizeByGivingUpOldRecords) {
  HistorySettings small = settings();
  small.bytes_most = 256 * 1024;
  HistoryFile file = open(small);
  std::string story_text(4000, 'x');
  for (int i = 0; i < 400; ++i) {
    write(file, {}, {{.id = "id" + std::to_string(i), .body = story_text}});
  }

  EXPECT_LE(std::filesystem::file_size(path()), 256U * 1024);
  EXPECT_EQ(story(file, "id399"), story_text);
}

TEST_F(HistoryFileTest, ABatchThatFindsNoRoomIsRefusedAsAWhole) {
  HistorySettings small = settings();
  small.bytes_most = 128 * 1024;
  HistoryFile file = open(small);
  write(file, {}, {record("before")});

  std::vector<StoredRecord> batch = {record("after"),
                                     {.id = "huge", .body = std::string(1 << 20, 'x')}};
  Stored<void> done = file.write({}, batch);

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, DatabaseError::Kind::full);
  EXPECT_EQ(story(file, "before"), "the story of before");
  EXPECT_EQ(story(file, "after"), "none");
}

TEST_F(HistoryFileTest, WhoWasReplacedAddsRecordsAndNoIncidents) {
  HistoryFile old = open(settings(7));
  ids(old);
  write(old, {incident(1)}, {});
  HistoryFile fresh = open(settings(8));
  EXPECT_EQ(ids(fresh), (std::vector<std::uint64_t>{1}));

  write(old, {incident(2)}, {record("late")});
  write(fresh, {incident(3)}, {});

  EXPECT_EQ(ids(fresh), (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(story(fresh, "late"), "the story of late");
}

TEST_F(HistoryFileTest, WhoWasReplacedDoesNotComeBackWhenItOpensTheFileAgain) {
  HistoryFile old = open(settings(7));
  ids(old);
  HistoryFile fresh = open(settings(8));
  ids(fresh);

  auto again = old.take_over(HistoryFile::Claim::again);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, std::nullopt);
  write(fresh, {incident(1)}, {});

  auto still = fresh.take_over(HistoryFile::Claim::again);
  ASSERT_TRUE(still && *still);
  EXPECT_EQ((**still).size(), 1U);
}

TEST_F(HistoryFileTest, WhoeverStartsTakesOverFromAProcessBeforeTheMachineWasStartedAgain) {
  HistoryFile before = open(settings(9'000'000));
  ids(before);
  write(before, {incident(1)}, {});
  HistoryFile after = open(settings(5));

  EXPECT_EQ(ids(after), (std::vector<std::uint64_t>{1}));
  write(after, {incident(2)}, {});
  EXPECT_EQ(ids(after), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(HistoryFileTest, WhileAnotherWritesForLongItIsSaidThatTheFileIsBusy) {
  HistoryFile file = open();
  Stored<Database> other = Database::open(path());
  ASSERT_TRUE(other && other->run("BEGIN IMMEDIATE"));

  std::vector<StoredRecord> batch = {record("one")};
  Stored<void> done = file.write({}, batch);

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, DatabaseError::Kind::busy);
  ASSERT_TRUE(other->run("ROLLBACK"));
  EXPECT_TRUE(file.write({}, batch));
}

// Files that are something else -----------------------------------------------------------------

TEST_F(HistoryFileTest, AnotherProgramsDatabaseIsLeftAlone) {
  {
    Stored<Database> other = Database::open(path());
    ASSERT_TRUE(other && other->run("CREATE TABLE customers (name); "
                                    "INSERT INTO customers VALUES ('x')"));
  }
  std::string before = bytes();

  EXPECT_EQ(complaint(), path() + ": it is another program's database");
  EXPECT_EQ(bytes(), before);
}

TEST_F(HistoryFileTest, AFileOfANewerVersionIsLeftAlone) {
  ids(*std::make_unique<HistoryFile>(open()));
  {
    Stored<Database> newer = Database::open(path());
    ASSERT_TRUE(newer && newer->run("PRAGMA user_version = 99"));
  }

  EXPECT_EQ(complaint(), path() +
                             ": it was written by another version of goodgate (schema 99, "
                             "known is 1)");
}

TEST_F(HistoryFileTest, AFileThatIsNoDatabaseIsSetAside) {
  put("dear diary, nothing failed today\n" + std::string(2000, 'x'));

  HistoryFile file = open();

  EXPECT_EQ(file.set_aside(), path() + ".damaged");
  EXPECT_EQ(std::filesystem::file_size(file.set_aside()), 2033U);
  write(file, {}, {record("works")});
  EXPECT_EQ(story(file, "works"), "the story of works");
}

TEST_F(HistoryFileTest, AnEmptyFileIsANewHistory) {
  put("");

  HistoryFile file = open();

  EXPECT_EQ(file.set_aside(), "");
  EXPECT_TRUE(ids(file).empty());
}

TEST_F(HistoryFileTest, WithoutADirectoryOrWithALinkOrAFolderInItsPlaceItSaysSo) {
  std::string there = path();
  HistorySettings nowhere{.path = folder() + "/none/history.db", .keeper = 1};
  EXPECT_EQ(HistoryFile::open(nowhere).error(),
            nowhere.path + ": it cannot be used: No such file or directory");

  std::filesystem::create_symlink("/etc/passwd", there);
  EXPECT_EQ(complaint(), there + ": it cannot be used: Too many levels of symbolic links");
  std::filesystem::remove(there);

  std::filesystem::create_directory(there);
  EXPECT_EQ(complaint(), there + ": it cannot be used: Is a directory");
}

// Broken files ------------------------------------------------------------------------------------

/// How a whole file is broken: cut at, or overwritten from, so many thousandths of its length.
struct Breakage {
  std::string name;
  int place;
  bool is_cut;
  std::string with;
};

class BrokenHistory : public HistoryFixture, public testing::WithParamInterface<Breakage> {};

TEST_P(BrokenHistory, IsSetAsideOrUsableAndNeverAnEndOfTheProgram) {
  {
    HistoryFile file = open();
    ASSERT_TRUE(file.take_over(HistoryFile::Claim::first));
    std::vector<Incident> incidents;
    std::vector<StoredRecord> records;
    for (std::uint64_t id = 1; id <= 100; ++id) {
      incidents.push_back(incident(id));
      records.push_back({.id = std::to_string(id), .body = std::string(500, 'b')});
    }
    ASSERT_TRUE(file.write(incidents, records));
  }
  std::string whole = bytes();
  std::size_t at = whole.size() * static_cast<std::size_t>(GetParam().place) / 1000;
  std::string broken = whole.substr(0, at);
  if (!GetParam().is_cut) {
    broken += GetParam().with;
    broken += broken.size() < whole.size() ? whole.substr(broken.size()) : "";
  }
  put(broken);

  HistoryFile file = open();
  auto found = file.take_over(HistoryFile::Claim::first);
  std::vector<StoredRecord> fresh = {record("fresh")};
  Stored<void> done = file.write({}, fresh);

  ASSERT_TRUE(found) << found.error().text;
  EXPECT_LE((**found).size(), 100U);
  for (const Incident& one : **found) EXPECT_EQ(one.failed, one.id);
  EXPECT_TRUE(done) << done.error().text;
}

std::vector<Breakage> breakages() {
  std::vector<Breakage> all;
  for (int place = 0; place < 1000; place += 111) {
    std::string at = std::to_string(place);
    all.push_back({"CutAt" + at, place, true, ""});
    all.push_back({"ZeroesAt" + at, place, false, std::string(64, '\0')});
    all.push_back({"OnesAt" + at, place, false, std::string(512, '\xff')});
    all.push_back({"NoiseAt" + at, place, false, "\x80\x01\x7f{\"id\":-1}\r\n\x05\x00\xfe"});
  }
  all.push_back({"AnotherMagic", 0, false, "SQLite format 2"});
  all.push_back({"AnotherPageSize", 0, false, std::string("SQLite format 3\0\x00\x01", 18)});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Table, BrokenHistory, testing::ValuesIn(breakages()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace gg
