// SPDX-License-Identifier: Apache-2.0
// A connection that is being opened. It belongs to its endpoint and not to the attempt that wanted
// it, so that it may go on when the attempt has found another one sooner.
#pragma once

#include <cstddef>
#include <optional>

#include "base/intrusive_list.h"
#include "engine/engine.h"
#include "task/frame_pool.h"

namespace gg {

class Endpoint;

class Opening final : public ListNode {
 public:
  Opening(Endpoint& to, Engine& engine, const Address& address, Deadline deadline)
      : endpoint(to), began(engine.now()), connect_(engine, address, deadline) {}

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* opening, std::size_t size) noexcept {
    release_frame(opening, size);
  }

  /// Has it opened, or failed? Then Endpoint::take tells which.
  bool is_done() const { return is_done_; }

  Endpoint& endpoint;
  const Instant began;
  /// Of whoever waits for it; ended early as soon as it is done.
  Sleep* waiter = nullptr;

 private:
  friend class Endpoint;

  Connect connect_;
  bool is_done_ = false;
  bool is_abandoned_ = false;
};

}  // namespace gg
