// SPDX-License-Identifier: Apache-2.0
// What happened in a simulated world, folded into one number: two runs of one seed must agree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/time.h"

namespace gg {

class SimTrace {
 public:
  enum class What : std::uint8_t {
    syn,
    established,
    refused,
    accepted,
    shed,
    sent,
    arrived,
    received,
    end_sent,
    end_arrived,
    reset_sent,
    reset_arrived,
    closed,
    stalled,
    resumed,
    cut,
    completed,
    noted,  // by a test
  };
  struct Entry {
    Instant at;
    What what = What::noted;
    std::uint64_t who = 0;  // a connection's number
    std::uint64_t amount = 0;
  };

  void note(const Entry& entry);
  /// Folds in content: which bytes, not only how many.
  void fold(std::string_view bytes);

  std::uint64_t hash() const { return hash_; }
  std::uint64_t entries() const { return entries_; }

  /// From now on the last `most` entries are kept for text().
  void keep(std::size_t most) { keep_ = most; }
  /// The kept entries, a line each: "12.345678 connection 3 arrived 100".
  std::string text() const;

 private:
  void mix(std::uint64_t value);

  std::uint64_t hash_ = 0x9e3779b97f4a7c15;
  std::uint64_t entries_ = 0;
  std::size_t keep_ = 0;
  std::deque<Entry> kept_;
};

/// The name of the kind, in words.
std::string_view text_of(SimTrace::What what);

}  // namespace gg
