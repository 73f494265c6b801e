// SPDX-License-Identifier: Apache-2.0
// The memory in which endpoint health and the last members outlive worker processes: made by the
// supervisor before its first fork, inherited by every worker process and by a supervisor that
// takes over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "gate/descriptors.h"
#include "upstream/health/health_board.h"
#include "upstream/members/member_notes.h"

namespace gg {

class HealthMemory {
 public:
  /// Room for this many endpoints, over all configurations that one supervisor sees; health of
  /// those beyond it is lost with its worker process.
  static constexpr std::size_t endpoints_most = 4096;

  /// Grows when cells of one version mean something else to another.
  static constexpr std::uint64_t layout = 3;

  /// Of this process's own, or the one behind `given`, which it then owns, if that has this layout.
  explicit HealthMemory(Descriptor given = {}, std::uint64_t given_layout = layout);
  HealthMemory(const HealthMemory&) = delete;
  HealthMemory& operator=(const HealthMemory&) = delete;
  ~HealthMemory();

  /// Null if there was no memory for it: each worker process then keeps its own.
  HealthBoard* board() { return board_ ? &*board_ : nullptr; }
  /// Likewise: then nothing is noted.
  MemberNotes* members() { return members_ ? &*members_ : nullptr; }
  /// To give to a process that takes over; -1: there is none.
  int descriptor() const { return descriptor_.number(); }

 private:
  Descriptor descriptor_;
  void* memory_;
  std::optional<HealthBoard> board_;
  std::optional<MemberNotes> members_;
};

}  // namespace gg
