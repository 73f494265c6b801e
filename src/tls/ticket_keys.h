// SPDX-License-Identifier: Apache-2.0
// The keys that session tickets are sealed with: the same on all threads, others after a while.
// Each is made from one secret and the time, so that nobody has to hand them out. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/time.h"

namespace gg {

/// One key. `name` says in a ticket which it is.
struct TicketKey {
  std::array<unsigned char, 16> name{};
  std::array<unsigned char, 32> cipher{};
  std::array<unsigned char, 32> mac{};
};

/// Any thread; immutable.
class TicketKeys {
 public:
  /// After so long another key seals new tickets; this one opens for as long again.
  static constexpr Duration lifetime = 6h;

  using Secret = std::array<unsigned char, 32>;
  explicit TicketKeys(const Secret& secret) : secret_(secret) {}
  /// One that nobody knows.
  static Secret random_secret();
  static TicketKeys random() { return TicketKeys(random_secret()); }

  /// The key to seal with.
  TicketKey at(WallTime now) const;
  /// The key of that name, and whether it is to be replaced; nothing: it is too old, or not ours.
  struct Found {
    TicketKey key;
    bool is_old = false;
  };
  std::optional<Found> find(std::span<const unsigned char, 16> name, WallTime now) const;

 private:
  TicketKey of(std::int64_t epoch) const;

  Secret secret_;
};

}  // namespace gg
