// SPDX-License-Identifier: Apache-2.0
// The health cells of all endpoints, found by what they are about: the memory of a gateway that
// outlives its worker processes and their configurations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "upstream/health/health_cell.h"

namespace gg {

/// Open addressing over cells that somebody else owns and that were all zero at first. Any thread
/// of any process that shares them; a process that dies halfway leaves nothing half-done. A cell is
/// never given back: when all are taken, further endpoints are not found here.
class HealthBoard {
 public:
  /// `cells` outlive the board.
  explicit HealthBoard(std::span<HealthCell> cells) : cells_(cells) {}

  struct Found {
    HealthCell* cell = nullptr;  // null: the board is full
    bool is_new = false;
  };
  Found find(std::string_view upstream, std::string_view endpoint);
  /// Of those names; never zero.
  static std::uint64_t key_of(std::string_view upstream, std::string_view endpoint);

 private:
  std::span<HealthCell> cells_;
};

}  // namespace gg
