// SPDX-License-Identifier: Apache-2.0
// What the attempts of one exchange have in common: where it has been, what it may still do, and
// the decision after each failure.
#pragma once

#include <cstdint>
#include <memory>

#include "proxy/attempt.h"
#include "proxy/exchange.h"
#include "proxy/hedge.h"
#include "proxy/retry.h"

namespace gg {

/// One exchange's; lives in the coroutine that forwards it.
class Course {
 public:
  /// Everything outlives the course.
  Course(Engine& engine, Exchange& exchange, Upstream& upstream);

  /// Picks an endpoint that was not tried and begins an attempt there, which then counts. Null:
  /// there is none; why_none() tells why.
  std::unique_ptr<Attempt> begin(AttemptKind kind);
  Fault why_none() const { return why_none_; }
  /// How patient to be with an attempt before others are looked for.
  Patience patience_with(Attempt& attempt);

  /// Of an answer: none, or that its status is an error of the endpoint, as the route sees it.
  Fault fault_of_answer(const Attempt& attempt) const;
  /// Is this outcome of an attempt one to improve on, by the route's policy?
  bool is_worth_another(const Attempt& attempt, Fault fault) const;
  /// May another attempt follow this failure? Writes the verdict into the records, and spends from
  /// the budget if it says yes.
  Retry judge(Attempt& attempt, Fault fault);
  /// The same for an answer that is fine but not the rest of a response that broke off.
  Retry judge_useless(Attempt& attempt);
  /// The same, after a yes and a wait in which more of the body may have come than can be kept.
  Retry judge_again();
  /// After a yes: waits for a moment if the upstream as a whole is in trouble. Returns what holds
  /// then.
  GG_RARE Task<Retry> back_off();

  /// Nobody is left but the endpoint of this attempt, which could not be connected to. May it be
  /// somewhere else by now?
  bool may_have_moved(Attempt& attempt, Retry verdict) const;
  /// Waits for a moment until its name has been looked up. True: it is worth another attempt.
  GG_RARE Task<bool> has_moved(Attempt& attempt);

  /// May a second attempt for the same request be under way, now that `waiting` waits for its
  /// answer? Spends from a budget if it says yes.
  bool may_hedge(Attempt& waiting);
  /// Could anything be gained by another attempt beside the present one?
  bool may_go_elsewhere() const;

  Engine& engine;
  Exchange& exchange;
  Upstream& upstream;

 private:
  /// False: may_hedge() will never allow it for this request.
  bool may_become_hedgeable() const;
  bool seems_to_be_lost(Attempt& waiting) const;
  Retry decide(Attempt& attempt, bool fault_is_listed);
  bool lists(Fault fault, const Attempt& attempt) const;
  bool pay(RetryBudget& budget);

  const RetryConfig& policy_;
  const HedgeRule& hedge_;
  Tried tried_;
  std::uint32_t attempts_left_;
  std::uint32_t waits_ = 0;          // before attempts, by back_off()
  AttemptRecord* judged_ = nullptr;  // last
  std::uint32_t moves_ = 0;          // of the endpoint, when the attempt there began
  RetryBudget* paid_ = nullptr;      // the budget that the next attempt was taken from
  Fault why_none_ = Fault::none;
  Delivery delivery_ = Delivery::not_sent;  // the farthest that any attempt came
  bool lacked_budget_ = false;              // since the last attempt began, for one beside it
  // A service that knows a request by its key refuses it while the first delivery still runs.
  bool may_run_side_by_side_;
  /// The present attempt is where the client's cookie wants it. Elsewhere the answer may be another
  /// one, so being a little slow is no reason to go there.
  bool is_at_home_ = false;
};

}  // namespace gg
