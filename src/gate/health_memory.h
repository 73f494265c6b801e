// SPDX-License-Identifier: Apache-2.0
// The memory in which endpoint health outlives worker processes: made by the supervisor before its
// first fork, inherited by every worker process.
#pragma once

#include <cstddef>
#include <optional>

#include "upstream/health/health_board.h"

namespace gg {

class HealthMemory {
 public:
  /// Room for this many endpoints, over all configurations that one supervisor sees; health of
  /// those beyond it is lost with its worker process.
  static constexpr std::size_t endpoints_most = 4096;

  HealthMemory();
  HealthMemory(const HealthMemory&) = delete;
  HealthMemory& operator=(const HealthMemory&) = delete;
  ~HealthMemory();

  /// Null if there was no memory for it: each worker process then keeps its own.
  HealthBoard* board() { return board_ ? &*board_ : nullptr; }

 private:
  void* memory_;
  std::optional<HealthBoard> board_;
};

}  // namespace gg
