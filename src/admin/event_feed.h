// SPDX-License-Identifier: Apache-2.0
// What happens to the gateway, as it happens, for whoever watches: the last few hundred events,
// and a bell for those who wait for the next.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/intrusive_list.h"
#include "engine/engine.h"

namespace gg {

/// One thing that happened.
struct Event {
  std::uint64_t id = 0;  // grows, over restarts of the worker process too
  WallTime at;
  std::string kind;      // "health", "incident", "order", "start", …
  std::string upstream;  // empty: it is about no single one
  std::string endpoint;  // likewise
  std::string text;      // a sentence without an end
};

/// Somebody who waits for the next event: its `sleep` ends early when there is one. Leaves the
/// feed's list when it dies.
class EventWait final : public ListNode {
 public:
  explicit EventWait(Sleep& sleep_) : sleep(sleep_) {}

  Sleep& sleep;
};

/// Control thread.
class EventFeed {
 public:
  static constexpr std::size_t kept_most = 256;

  explicit EventFeed(Engine& engine) : engine_(engine) {}

  /// Gives the event its id and the present time if it has none.
  void tell(Event event);
  void wait(EventWait& wait) { waiting_.push_back(wait); }
  bool has_after(std::uint64_t id) const { return last_id_ > id; }
  /// Ends everybody's wait.
  void ring();

  /// Those with a larger id as one piece of text/event-stream, and the largest id into `last`.
  std::string stream_after(std::uint64_t& last) const;
  /// All that is kept as one JSON object, the latest first.
  std::string to_json() const;

 private:
  Engine& engine_;
  std::deque<Event> kept_;
  std::uint64_t last_id_ = 0;
  IntrusiveList<EventWait> waiting_;
};

/// One message of text/event-stream. `data` may have several lines.
std::string stream_message(std::string_view event, std::string_view data, std::uint64_t id = 0);

}  // namespace gg
