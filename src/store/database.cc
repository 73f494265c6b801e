// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gg {
namespace {

/// How long one process waits for another's write to end.
constexpr int patience_ms = 500;

DatabaseError::Kind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return DatabaseError::Kind::busy;
    case SQLITE_CORRUPT:
      return DatabaseError::Kind::damaged;
    case SQLITE_NOTADB:
      return DatabaseError::Kind::no_database;
    case SQLITE_FULL:
      return DatabaseError::Kind::full;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return DatabaseError::Kind::read_only;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_NOLFS:
    case SQLITE_NOMEM:
    case SQLITE_AUTH:
      return DatabaseError::Kind::inaccessible;
    default:
      return DatabaseError::Kind::wrong;
  }
}

DatabaseError error_of(sqlite3* database, int code) {
  std::string text = sqlite3_errmsg(database);
  int why = sqlite3_system_errno(database);
  bool is_about_file = kind_of(code) == DatabaseError::Kind::inaccessible;
  if (is_about_file && why != 0) text += std::string(": ") + std::strerror(why);
  return {.kind = kind_of(code), .text = std::move(text)};
}

DatabaseError error_of_file(int number) {
  bool is_refused = number == EACCES || number == EPERM || number == EROFS;
  bool is_full = number == ENOSPC || number == EDQUOT;
  return {.kind = is_full      ? DatabaseError::Kind::full
                  : is_refused ? DatabaseError::Kind::read_only
                               : DatabaseError::Kind::inaccessible,
          .text = std::strerror(number)};
}

/// Makes the file for its owner alone, which the library would not, and follows no link.
Stored<void> make_file(const std::string& path) {
  int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (file < 0) return Failure(error_of_file(errno));
  struct stat made{};
  bool is_file = fstat(file, &made) == 0 && S_ISREG(made.st_mode);
  close(file);
  if (is_file) return {};
  return Failure(DatabaseError{.kind = DatabaseError::Kind::inaccessible, .text = "it is no file"});
}

}  // namespace

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Database::Closer::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

// Binding fails only for places that are not there, or without memory: step() says so then.

Statement& Statement::bind(int place, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), place, value);
  return *this;
}

Statement& Statement::bind(int place, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), place, text.data(), text.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Stored<bool> Statement::step() {
  int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return Failure(error_of(sqlite3_db_handle(statement_.get()), code));
}

Stored<void> Statement::run() {
  Stored<bool> row = step();
  sqlite3_reset(statement_.get());
  if (!row) return Failure(row.error());
  return {};
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const unsigned char* bytes = sqlite3_column_text(statement_.get(), column);
  int size = sqlite3_column_bytes(statement_.get(), column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

Stored<Database> Database::open(const std::string& path) {
  Stored<void> made = make_file(path);
  if (!made) return Failure(made.error());
  sqlite3* opened = nullptr;
  int code =
      sqlite3_open_v2(path.c_str(), &opened,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Database database(opened);
  if (code != SQLITE_OK) return Failure(error_of(opened, code));
  sqlite3_busy_timeout(opened, patience_ms);
  // The file may be anybody's: nothing in its schema is run, nothing of its schema is believed.
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return database;
}

Stored<void> Database::run(const char* statements) {
  int code = sqlite3_exec(database_.get(), statements, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Failure(error_of(database_.get(), code));
  return {};
}

Stored<Statement> Database::prepare(std::string_view statement) {
  sqlite3_stmt* prepared = nullptr;
  int code = sqlite3_prepare_v2(database_.get(), statement.data(),
                                static_cast<int>(statement.size()), &prepared, nullptr);
  if (code != SQLITE_OK) return Failure(error_of(database_.get(), code));
  return Statement(prepared);
}

Stored<std::int64_t> Database::number(std::string_view statement) {
  Stored<Statement> prepared = prepare(statement);
  if (!prepared) return Failure(prepared.error());
  Stored<bool> row = prepared->step();
  if (!row) return Failure(row.error());
  return *row ? prepared->number(0) : 0;
}

Stored<std::string> Database::text(std::string_view statement) {
  Stored<Statement> prepared = prepare(statement);
  if (!prepared) return Failure(prepared.error());
  Stored<bool> row = prepared->step();
  if (!row) return Failure(row.error());
  return *row ? prepared->text(0) : std::string();
}

}  // namespace gg
