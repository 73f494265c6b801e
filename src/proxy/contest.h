// SPDX-License-Identifier: Apache-2.0
// An exchange whose first attempt has taken unusually long: connections race to open, answers race
// to arrive. The first good answer wins, the others are given up; all are, if the client leaves.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "proxy/attempt.h"
#include "proxy/course.h"
#include "task/scope.h"

namespace gg {

/// For so long everybody is taken to wait for the answer: a client may end its side and still want
/// it (docs/decisions/0028).
inline constexpr Duration departure_patience = 1s;

/// One exchange's, from the moment its attempt is slow until the attempts are down to one again.
class Contest {
 public:
  /// `course` outlives the contest. `slow` is the attempt that waits.
  Contest(Course& course, std::unique_ptr<Attempt> slow);
  Contest(const Contest&) = delete;
  Contest& operator=(const Contest&) = delete;
  ~Contest();

  /// Goes on until one attempt has a good answer, none is left, or the client has left. Returns how
  /// the attempt that counts ended: the winner, else one that was answered, else the last to fail.
  Task<Fault> run();
  /// The attempt that counts; after run().
  std::unique_ptr<Attempt> take() { return std::move(best_->attempt); }

  /// May this attempt, which has its connection now, send the request? Of those that raced for a
  /// connection only the first may; a hedge was allowed to from the start.
  bool may_send(const Attempt& attempt);

 private:
  struct Runner {
    std::unique_ptr<Attempt> attempt;
    Fault fault = Fault::none;
    bool is_done = false;
    bool is_looked_at = false;
  };
  static constexpr std::size_t most = ExchangeRecord::attempts_kept;

  void add(std::unique_ptr<Attempt> attempt);
  Task<void> drive(Runner& runner);
  bool has_sent_any() const;
  void watch_client();
  Task<void> await_departure();
  /// Looks at who is done; true if the contest is decided.
  bool is_decided();
  /// Starts another attempt if that is due and allowed. Returns when to look again.
  Instant try_another();
  bool start(AttemptKind kind);

  Course& course_;
  Instant departure_look_;  // from then on the client may have given up
  std::array<Runner, most> runners_;
  std::size_t count_ = 0;
  std::size_t running_ = 0;
  Runner* best_ = nullptr;  // of those who are done
  Sleep* waiting_ = nullptr;
  bool is_watching_ = false;
  bool client_has_left_ = false;
  Scope scope_;
};

}  // namespace gg
