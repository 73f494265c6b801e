// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include "unit/store/history_fixture.h"

namespace gg {
namespace {

class DatabaseTest : public HistoryFixture {
 protected:
  Database made() {
    Stored<Database> database = Database::open(path());
    EXPECT_TRUE(database);
    EXPECT_TRUE(database->run("CREATE TABLE things (number INTEGER, name TEXT)"));
    return std::move(*database);
  }
};

TEST_F(DatabaseTest, WhatIsBoundIsReadAgainAsItWas) {
  Database database = made();
  Stored<Statement> insert = database.prepare("INSERT INTO things VALUES (?, ?)");
  ASSERT_TRUE(insert);
  std::string awkward("it's \"a\0b\"; DROP TABLE things", 29);

  ASSERT_TRUE(insert->bind(1, std::int64_t{-7}).bind(2, awkward).run());
  ASSERT_TRUE(insert->bind(1, INT64_MAX).bind(2, "").run());

  Stored<Statement> read = database.prepare("SELECT * FROM things ORDER BY number");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->step(), true);
  EXPECT_EQ(read->number(0), -7);
  EXPECT_EQ(read->text(1), awkward);
  EXPECT_EQ(read->step(), true);
  EXPECT_EQ(read->number(0), INT64_MAX);
  EXPECT_EQ(read->text(1), "");
  EXPECT_EQ(read->step(), false);
}

TEST_F(DatabaseTest, TheFirstValueIsThereOrNothing) {
  Database database = made();

  EXPECT_EQ(database.number("SELECT 3, 4"), 3);
  EXPECT_EQ(database.text("SELECT 'three'"), "three");
  EXPECT_EQ(database.number("SELECT number FROM things"), 0);
  EXPECT_EQ(database.text("SELECT name FROM things"), "");
}

TEST_F(DatabaseTest, WhatIsWrongIsToldApart) {
  Database database = made();

  EXPECT_EQ(database.run("SELECT nothing").error().kind, DatabaseError::Kind::wrong);
  EXPECT_EQ(database.prepare("SELECT * FROM nowhere").error().text, "no such table: nowhere");
  put(std::string(5000, 'x'));
  Stored<Database> other = Database::open(path());
  ASSERT_TRUE(other);
  EXPECT_EQ(other->number("SELECT 1 FROM sqlite_schema").error().kind,
            DatabaseError::Kind::no_database);
  EXPECT_EQ(Database::open("/proc/no/where").error().kind, DatabaseError::Kind::inaccessible);
}

}  // namespace
}  // namespace gg
