// SPDX-License-Identifier: Apache-2.0
// A database in a file: the few calls of SQLite that HistoryFile needs. Nothing else knows the
// library. Calls may wait for the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gg {

/// Why something could not be read or written.
struct DatabaseError {
  enum class Kind : std::uint8_t {
    busy,          // another process writes, and did not end in time
    damaged,       // the file is not as it was written
    no_database,   // it never was one
    full,          // the disk, or the size that the file may have
    read_only,     // it may not be written
    inaccessible,  // it cannot be opened, read or written at all
    wrong,         // the statement does not fit what is there
  };
  Kind kind = Kind::wrong;
  std::string text;  // in the words of the library
};

template <class T>
using Stored = Result<T, DatabaseError>;

/// One statement with places for values. Outlived by its database.
class Statement {
 public:
  /// Sets the value of a place; they count from 1. Texts are copied.
  Statement& bind(int place, std::int64_t value);
  Statement& bind(int place, std::string_view text);
  /// Goes to the next row. False: there is none, the statement has done its work.
  Stored<bool> step();
  /// Does it once and makes it ready to be bound and run again.
  Stored<void> run();
  /// A column of the current row; they count from 0.
  std::int64_t number(int column) const;
  std::string text(int column) const;

 private:
  friend class Database;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };

  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

/// An open file. One thread at a time.
class Database {
 public:
  /// Opens the file, which is made if there is none, for its owner alone. That it is no database
  /// shows at the first statement. A path whose last part is a symbolic link is refused.
  static Stored<Database> open(const std::string& path);

  /// Runs statements that give nothing.
  Stored<void> run(const char* statements);
  Stored<Statement> prepare(std::string_view statement);
  /// The first column of the first row; zero, or nothing, when there is none.
  Stored<std::int64_t> number(std::string_view statement);
  Stored<std::string> text(std::string_view statement);

 private:
  struct Closer {
    void operator()(sqlite3* database) const;
  };

  explicit Database(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Closer> database_;
};

}  // namespace gg
