// SPDX-License-Identifier: Apache-2.0
// The file in which incidents, and the requests that they name, outlive the process. Every call may
// wait for the disk: gate/ makes them on a thread of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/incident.h"
#include "store/database.h"

namespace gg {

struct HistorySettings {
  std::string path;            // of the file, whose directory exists
  std::int64_t keeper = 0;     // when this process began to keep: later than those before it
  std::size_t records = 4096;  // kept beside those that incidents name
  std::size_t incidents = 512;
  std::int64_t bytes_most = std::int64_t{64} << 20;
};

/// One request's story as it is told later.
struct StoredRecord {
  std::string id;
  std::string body;
};

class HistoryFile {
 public:
  /// The version of the schema that this program writes.
  static int version();

  /// Opens the file or makes it. One that is damaged is renamed to PATH.damaged (which replaces an
  /// earlier one) and begun anew. Fails with a sentence without an end, and leaves the file as it
  /// is, when it cannot be used or is not a history of a version that is known here.
  static Result<HistoryFile, std::string> open(HistorySettings settings);

  enum class Claim : std::uint8_t {
    first,
    again,  // this process has kept incidents before, and had to open the file anew
  };
  /// Becomes the one process that keeps incidents, and gives those that are there, oldest first.
  /// Nothing: this process was replaced by a later one, which goes on keeping them.
  Stored<std::optional<std::vector<Incident>>> take_over(Claim claim);
  /// Writes all of it or nothing. Incidents are left out when another process took over since;
  /// records are not. What is beyond the bounds goes, the oldest first, but no record that a kept
  /// incident names.
  Stored<void> write(std::span<const Incident> incidents, std::span<const StoredRecord> records);
  /// The newest record whose id is, or begins with, `id`.
  Stored<std::optional<std::string>> find_record(std::string_view id);

  /// Where the damaged file is that this one replaced; empty: there was none.
  const std::string& set_aside() const { return set_aside_; }

 private:
  HistoryFile(HistorySettings settings, Database database)
      : settings_(std::move(settings)), database_(std::move(database)) {}

  enum class Room : std::uint8_t { as_it_is, made };

  Stored<void> write_incidents(std::span<const Incident> incidents);
  Stored<void> write_records(std::span<const StoredRecord> records);
  Stored<void> prune();
  Stored<void> forget_older_half();
  Stored<std::int64_t> keeper();
  Stored<void> become_keeper();
  Stored<std::vector<Incident>> read_incidents();
  Stored<void> try_to_write(std::span<const Incident> incidents,
                            std::span<const StoredRecord> records, Room room);

  HistorySettings settings_;
  Database database_;
  std::string set_aside_;
};

}  // namespace gg
