// SPDX-License-Identifier: Apache-2.0
// The flight records of the whole process, found by request id. Control thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "report/flight_record.h"

namespace gg {

/// A fixed number of records, the newest ones. What went well cannot crowd out what failed.
class FlightRecords {
 public:
  static constexpr std::size_t faulty_kept = 4096;
  static constexpr std::size_t samples_kept = 256;
  /// Of an id, so much has to be given.
  static constexpr std::size_t shortest_prefix = 6;

  void add(const FlightRecord& record);

  /// The newest record whose id is, or begins with, `id`; null: there is none. Valid until the next
  /// add().
  const FlightRecord* find(std::string_view id) const;

  std::size_t size() const { return faulty_.records.size() + samples_.records.size(); }
  std::uint64_t added() const { return faulty_.added + samples_.added; }

 private:
  /// Overwrites its oldest record when it is full.
  struct Kept {
    std::vector<FlightRecord> records;
    std::uint64_t added = 0;

    void add(const FlightRecord& record, std::size_t most);
    const FlightRecord* find(std::string_view id, bool whole) const;
  };

  Kept faulty_;
  Kept samples_;
};

}  // namespace gg
