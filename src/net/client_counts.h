// SPDX-License-Identifier: Apache-2.0
// How many connections each client address has, for the limit on it. Shared by all workers, touched
// when a connection comes and when it goes.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/sip_hash.h"
#include "engine/address.h"

namespace gg {

/// A table of fixed size: sets of eight addresses, each in one cache line. Where more than eight
/// clients meet in a set, those that come later are not counted, which errs on their side. Two
/// threads that meet a new client at the same instant may count it in two places: its limit is
/// twice as high for a moment then. Any number of threads; no lock, no allocation.
class ClientCounts {
 public:
  /// A connection's share in the count of its client; none(): it is not counted.
  class Share {
   public:
    static constexpr Share none() { return Share(0); }
    bool operator==(const Share&) const = default;

   private:
    friend class ClientCounts;
    explicit constexpr Share(std::uint32_t place) : place_(place) {}
    std::uint32_t place_;  // in the table, from 1
  };

  /// `most` of one client; 0: any number, and nothing is counted. `connections`: how many there may
  /// be of all clients together. `key` keeps clients from choosing addresses that meet.
  ClientCounts(std::uint32_t most, std::uint32_t connections, SipKey key);

  struct Verdict {
    bool is_within = true;
    Share share = Share::none();  // to be given back when the connection has ended
  };
  /// A connection comes. One that is not within the limit is not counted.
  Verdict take(const Address& client);
  void give_back(Share share);

  /// Of that client now.
  std::uint32_t count_of(const Address& client) const;

 private:
  static constexpr std::size_t ways = 8;
  static constexpr unsigned count_bits = 24;
  static constexpr std::uint64_t count_mask = (std::uint64_t{1} << count_bits) - 1;
  /// Who it is (the upper bits of its hash) above how many; zero: free.
  struct alignas(64) Set {
    std::array<std::atomic<std::uint64_t>, ways> entries{};
  };

  std::uint64_t hash_of(const Address& client) const;

  std::uint32_t most_;
  SipKey key_;
  std::vector<Set> sets_;
};

}  // namespace gg
