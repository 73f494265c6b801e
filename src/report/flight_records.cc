// SPDX-License-Identifier: Apache-2.0
#include "report/flight_records.h"

namespace gg {

void FlightRecords::Kept::add(const FlightRecord& record, std::size_t most) {
  if (records.size() < most) {
    records.push_back(record);
  } else {
    records[added % most] = record;
  }
  ++added;
}

const FlightRecord* FlightRecords::Kept::find(std::string_view id, bool whole) const {
  for (std::size_t back = 1; back <= records.size(); ++back) {
    const FlightRecord& record = records[(added - back) % records.size()];
    std::string_view its = record.id.view();
    if (whole ? its == id : its.starts_with(id)) return &record;
  }
  return nullptr;
}

void FlightRecords::add(const FlightRecord& record) {
  bool went_well = record.outcome() == FlightRecord::Outcome::well;
  if (went_well) {
    samples_.add(record, samples_kept);
  } else {
    faulty_.add(record, faulty_kept);
  }
}

const FlightRecord* FlightRecords::find(std::string_view id) const {
  if (id.size() < shortest_prefix) return nullptr;
  for (bool whole : {true, false}) {
    for (const Kept* kept : {&faulty_, &samples_}) {
      const FlightRecord* found = kept->find(id, whole);
      if (found != nullptr) return found;
    }
  }
  return nullptr;
}

}  // namespace gg
