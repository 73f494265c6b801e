// SPDX-License-Identifier: Apache-2.0
// The requests that wait for a place at an upstream: who may wait, who is next, who has to go.
// Pure; admission.h does the waiting.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/intrusive_list.h"
#include "base/time.h"
#include "config/model.h"
#include "fault/fault.h"

namespace gg {

/// A request that waits. Belongs to whoever waits, and stays where it is until then.
class Waiting : public ListNode {
 public:
  Waiting(Priority priority, Deadline deadline, Instant since)
      : priority(priority), deadline(deadline), since(since) {}

  const Priority priority;
  const Deadline deadline;  // of its exchange
  const Instant since;

 private:
  friend class WaitingRoom;
  bool is_stale_ = false;
};

/// How the upstream is doing at this moment.
struct Pressure {
  bool is_overloaded = false;    // more is asked of it than it can do
  bool is_doubtful = false;      // perhaps
  double places_per_second = 0;  // that become free, of late; 0: not known
  bool is_measured = true;       // that is all that can become free: somebody wanted each of them
  double excess = 0;             // in flight beyond the limit: leave without making room
  Duration usual{};              // an answer's time when all is well
  Duration bearable{};           // at the limit
};

/// First come, first served, by priority, until `depth` wait, each for at most `wait`.
///
/// Under overload that would make everybody wait for as long as possible and none get a quick
/// answer. Then a request waits only if it will have its answer within max(2 * usual, 100 ms), as
/// computed from how many are ahead of it and how fast they get away; all others are refused at
/// once. What waited when the overload was noticed goes behind: it is served, newest first, when
/// there is time for it, as after a burst. The least important are refused first.
class WaitingRoom {
 public:
  struct Verdict {
    Fault refusal = Fault::none;  // of the one who came
    Waiting* evicted = nullptr;   // has to leave instead, with overload_shed
  };

  explicit WaitingRoom(const QueueConfig& settings) : settings_(settings) {}

  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }

  /// Someone came, and waits unless refused.
  Verdict join(Waiting& newcomer, const Pressure& pressure, Instant now);
  /// The next to have a place; taken out. The room is not empty.
  Waiting& next(const Pressure& pressure, Instant now);
  void leave(Waiting& waiting);
  /// Moves those who have waited too long, or have no time left, into `expired`.
  void take_expired(Instant now, IntrusiveList<Waiting>& expired);
  /// How long a newcomer would wait.
  Duration expected_wait(Priority priority, const Pressure& pressure) const;
  /// How long the one who came first has waited. The room is not empty.
  Duration longest_wait(Instant now) const;

 private:
  static constexpr std::size_t priorities = 3;

  struct Line {
    IntrusiveList<Waiting> waiting;  // newest last
    std::size_t count = 0;
  };

  Line& line_of(const Waiting& waiting);
  Waiting& take(Waiting& waiting);
  void put_back_stale(const Pressure& pressure);
  void make_stale(Line& line);
  Waiting* newest_below(Priority priority);
  Line* first_line();

  const QueueConfig settings_;
  std::array<Line, priorities> lines_;  // by priority
  Line stale_;
  std::size_t count_ = 0;
  bool was_overloaded_ = false;
  Instant last_shed_{};
};

}  // namespace gg
