// SPDX-License-Identifier: Apache-2.0
// Which server of etcd is asked next, and when. Pure; part of EtcdSource.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/time.h"

namespace gg {

class EtcdTurns {
 public:
  /// Even where all is well: a server that ends every watch at once is not to be asked all the
  /// time.
  static constexpr Duration shortest = 100ms;
  static constexpr Duration first = 250ms;
  static constexpr Duration longest = 5s;

  /// `servers` is at least 1.
  explicit EtcdTurns(std::size_t servers) : servers_(servers) {}

  std::size_t server() const { return server_; }
  /// Has each of them failed since one answered last?
  bool all_have_failed() const { return failures_ >= servers_; }

  /// The server answers.
  void answered() { failures_ = 0; }
  // What came of it in the end. Each returns how long to wait, where `chance` (0 to 1) spreads
  // those who wait for the same server.

  /// It is to be asked again, and nothing is wrong with it.
  static Duration ended(double chance) { return spread(shortest, chance); }
  /// It answered, and then no more.
  Duration lost(double chance) {
    advance();
    return spread(shortest, chance);
  }
  /// It never answered. Once all have been tried, longer and longer.
  Duration failed(double chance) {
    ++failures_;
    advance();
    if (failures_ % servers_ != 0) return Duration::zero();
    Duration pause = first;
    for (std::size_t round = failures_ / servers_; round > 1 && pause < longest; --round) {
      pause *= 2;
    }
    return spread(std::min(pause, longest), chance);
  }

 private:
  static Duration spread(Duration most, double chance) {
    return Duration(
        static_cast<Duration::rep>(static_cast<double>(most.count()) * (0.5 + chance / 2)));
  }
  void advance() { server_ = (server_ + 1) % servers_; }

  std::size_t servers_;
  std::size_t server_ = 0;
  std::size_t failures_ = 0;
};

}  // namespace gg
