// SPDX-License-Identifier: Apache-2.0
#include "store/history_file.h"

#include <cstdio>
#include <utility>

#include "store/incident_code.h"

namespace gg {
namespace {

/// "GGhi": says that a database is a history of this program's.
constexpr std::int64_t application = 0x47476869;
constexpr std::int64_t page_bytes = 4096;

/// What makes each version of the schema out of the one before. Only ever gets longer.
constexpr const char* steps[] = {
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE incidents (id INTEGER PRIMARY KEY, body TEXT NOT NULL);"
    "CREATE TABLE samples (request TEXT NOT NULL, incident INTEGER NOT NULL,"
    " PRIMARY KEY (request, incident)) WITHOUT ROWID;"
    "CREATE INDEX samples_of_incident ON samples (incident);"
    "CREATE TABLE records (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " body TEXT NOT NULL);",
};

/// Why a file cannot be used, and whether it may be replaced.
struct Obstacle {
  bool is_damage = false;
  std::string text;
};

Obstacle obstacle_of(const DatabaseError& error) {
  switch (error.kind) {
    case DatabaseError::Kind::damaged:
    case DatabaseError::Kind::no_database:
      return {.is_damage = true, .text = error.text};
    case DatabaseError::Kind::busy:
      return {.text = "another process holds it: " + error.text};
    case DatabaseError::Kind::full:
      return {.text = "there is no room: " + error.text};
    case DatabaseError::Kind::read_only:
      return {.text = "it may not be written: " + error.text};
    case DatabaseError::Kind::inaccessible:
      return {.text = "it cannot be used: " + error.text};
    case DatabaseError::Kind::wrong:
      return {.text = "it is not what this program writes: " + error.text};
  }
  return {};
}

/// Is it ours, new, or somebody else's? Changes nothing.
Result<std::int64_t, Obstacle> version_of(Database& database) {
  Stored<std::int64_t> owner = database.number("PRAGMA application_id");
  if (!owner) return Failure(obstacle_of(owner.error()));
  Stored<std::int64_t> version = database.number("PRAGMA user_version");
  if (!version) return Failure(obstacle_of(version.error()));
  Stored<std::int64_t> tables = database.number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return Failure(obstacle_of(tables.error()));
  bool is_new = *owner == 0 && *version == 0 && *tables == 0;
  if (is_new) return 0;
  if (*owner != application) return Failure(Obstacle{.text = "it is another program's database"});
  if (*version > HistoryFile::version() || *version < 1) {
    return Failure(Obstacle{.text = "it was written by another version of goodgate (schema " +
                                    std::to_string(*version) + ", known is " +
                                    std::to_string(HistoryFile::version()) + ")"});
  }
  Stored<std::string> found = database.text("PRAGMA quick_check(1)");
  if (!found) return Failure(obstacle_of(found.error()));
  if (*found != "ok") return Failure(Obstacle{.is_damage = true, .text = *found});
  return *version;
}

Stored<void> upgrade(Database& database, std::int64_t from) {
  if (from == HistoryFile::version()) return {};
  std::string all = "BEGIN IMMEDIATE;";
  for (std::int64_t next = from; next < HistoryFile::version(); ++next) {
    all += steps[static_cast<std::size_t>(next)];
  }
  all += "PRAGMA application_id = " + std::to_string(application) +
         ";PRAGMA user_version = " + std::to_string(HistoryFile::version()) + ";COMMIT;";
  return database.run(all.c_str());
}

Result<Database, Obstacle> open_database(const HistorySettings& settings) {
  Stored<Database> database = Database::open(settings.path);
  if (!database) return Failure(obstacle_of(database.error()));
  Result<std::int64_t, Obstacle> version = version_of(*database);
  if (!version) return Failure(std::move(version.error()));
  // A process that is killed loses nothing that was committed; a machine without power may lose
  // the last moments, and nothing is damaged.
  std::string how =
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -1024; PRAGMA journal_size_limit = 4194304;"
      "PRAGMA max_page_count = " +
      std::to_string(settings.bytes_most / page_bytes);
  Stored<void> done = database->run(how.c_str());
  if (done) done = upgrade(*database, *version);
  if (!done) return Failure(obstacle_of(done.error()));
  return std::move(*database);
}

/// Out of the way, with what belongs to it. False: it could not be.
bool set_aside(const std::string& path, const std::string& to) {
  if (std::rename(path.c_str(), to.c_str()) != 0) return false;
  for (const char* part : {"-wal", "-shm"}) {
    // Of the one before, or not there at all.
    static_cast<void>(std::remove((to + part).c_str()));
    static_cast<void>(std::rename((path + part).c_str(), (to + part).c_str()));
  }
  return true;
}

}  // namespace

int HistoryFile::version() { return static_cast<int>(std::size(steps)); }

Result<HistoryFile, std::string> HistoryFile::open(HistorySettings settings) {
  Result<Database, Obstacle> database = open_database(settings);
  std::string aside;
  if (!database && database.error().is_damage) {
    std::string to = settings.path + ".damaged";
    if (!gg::set_aside(settings.path, to)) {
      return Failure(settings.path +
                     ": it is damaged and cannot be renamed: " + database.error().text);
    }
    aside = to;
    database = open_database(settings);
  }
  if (!database) return Failure(settings.path + ": " + database.error().text);
  HistoryFile file(std::move(settings), std::move(*database));
  file.set_aside_ = std::move(aside);
  return file;
}

Stored<std::optional<std::vector<Incident>>> HistoryFile::take_over(Claim claim) {
  Stored<void> done = database_.run("BEGIN IMMEDIATE");
  if (!done) return Failure(done.error());
  std::optional<std::vector<Incident>> all;
  Stored<std::int64_t> now = keeper();
  if (!now) done = Failure(now.error());
  bool was_replaced = done && claim == Claim::again && *now > settings_.keeper;
  if (done && !was_replaced) {
    done = become_keeper();
    Stored<std::vector<Incident>> found = read_incidents();
    if (found) all = std::move(*found);
    if (done && !found) done = Failure(found.error());
  }
  if (done) done = database_.run("COMMIT");
  if (done) return all;
  static_cast<void>(database_.run("ROLLBACK"));
  return Failure(done.error());
}

/// Zero: there is none.
Stored<std::int64_t> HistoryFile::keeper() {
  return database_.number("SELECT value FROM facts WHERE name = 'keeper'");
}

Stored<void> HistoryFile::become_keeper() {
  Stored<Statement> claim =
      database_.prepare("REPLACE INTO facts (name, value) VALUES ('keeper', ?)");
  if (!claim) return Failure(claim.error());
  return claim->bind(1, settings_.keeper).run();
}

Stored<std::vector<Incident>> HistoryFile::read_incidents() {
  Stored<Statement> read = database_.prepare("SELECT body FROM incidents ORDER BY id");
  if (!read) return Failure(read.error());
  std::vector<Incident> all;
  for (;;) {
    Stored<bool> row = read->step();
    if (!row) return Failure(row.error());
    if (!*row) return all;
    // One that is not understood is not shown; in time it goes like every other.
    std::optional<Incident> incident = decoded(read->text(0));
    if (incident) all.push_back(std::move(*incident));
  }
}

Stored<void> HistoryFile::write_incidents(std::span<const Incident> incidents) {
  Stored<Statement> write = database_.prepare("REPLACE INTO incidents (id, body) VALUES (?, ?)");
  if (!write) return Failure(write.error());
  Stored<Statement> forget = database_.prepare("DELETE FROM samples WHERE incident = ?");
  if (!forget) return Failure(forget.error());
  Stored<Statement> name =
      database_.prepare("INSERT OR IGNORE INTO samples (incident, request) VALUES (?, ?)");
  if (!name) return Failure(name.error());
  for (const Incident& incident : incidents) {
    auto id = static_cast<std::int64_t>(incident.id);
    Stored<void> done = write->bind(1, id).bind(2, encoded(incident)).run();
    if (done) done = forget->bind(1, id).run();
    for (const auto* samples : {&incident.first_samples, &incident.last_samples}) {
      for (const std::string& sample : *samples) {
        if (done) done = name->bind(1, id).bind(2, sample).run();
      }
    }
    if (!done) return done;
  }
  return {};
}

Stored<void> HistoryFile::write_records(std::span<const StoredRecord> records) {
  Stored<Statement> write = database_.prepare("REPLACE INTO records (id, body) VALUES (?, ?)");
  if (!write) return Failure(write.error());
  for (const StoredRecord& record : records) {
    Stored<void> done = write->bind(1, record.id).bind(2, record.body).run();
    if (!done) return done;
  }
  return {};
}

Stored<void> HistoryFile::prune() {
  std::string old_incidents =
      "DELETE FROM incidents WHERE id <= (SELECT max(id) FROM incidents) - " +
      std::to_string(settings_.incidents) +
      "; DELETE FROM samples WHERE incident < (SELECT min(id) FROM incidents);";
  std::string old_records =
      "DELETE FROM records WHERE number <= (SELECT max(number) FROM records) - " +
      std::to_string(settings_.records) + " AND id NOT IN (SELECT request FROM samples)";
  return database_.run((old_incidents + old_records).c_str());
}

/// Records are what takes the room.
Stored<void> HistoryFile::forget_older_half() {
  return database_.run(
      "DELETE FROM records WHERE number <="
      " (SELECT number FROM records ORDER BY number LIMIT 1 OFFSET"
      "  (SELECT count(*) / 2 FROM records))");
}

Stored<void> HistoryFile::try_to_write(std::span<const Incident> incidents,
                                       std::span<const StoredRecord> records, Room room) {
  Stored<void> done = database_.run("BEGIN IMMEDIATE");
  if (!done) return done;
  Stored<std::int64_t> now = keeper();
  if (!now) done = Failure(now.error());
  if (done && room == Room::made) done = forget_older_half();
  if (done && *now == settings_.keeper) done = write_incidents(incidents);
  if (done) done = write_records(records);
  if (done) done = prune();
  if (done) done = database_.run("COMMIT");
  if (!done) static_cast<void>(database_.run("ROLLBACK"));
  return done;
}

Stored<void> HistoryFile::write(std::span<const Incident> incidents,
                                std::span<const StoredRecord> records) {
  if (incidents.empty() && records.empty()) return {};
  Stored<void> done = try_to_write(incidents, records, Room::as_it_is);
  bool is_full = !done && done.error().kind == DatabaseError::Kind::full;
  if (is_full) done = try_to_write(incidents, records, Room::made);
  return done;
}

Stored<std::optional<std::string>> HistoryFile::find_record(std::string_view id) {
  Stored<Statement> find = database_.prepare(
      "SELECT body FROM records WHERE id >= ?1 AND id < ?2 ORDER BY id <> ?1, number DESC LIMIT 1");
  if (!find) return Failure(find.error());
  // Ids are ASCII: DEL comes after all that may follow.
  Stored<bool> row = find->bind(1, id).bind(2, std::string(id) + '\x7f').step();
  if (!row) return Failure(row.error());
  if (!*row) return std::nullopt;
  return find->text(0);
}

}  // namespace gg
