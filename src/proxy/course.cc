// SPDX-License-Identifier: Apache-2.0
#include "proxy/course.h"

#include <algorithm>
#include <utility>

#include "fault/catalogue.h"
#include "fault/classify.h"
#include "proxy/backoff.h"

namespace gg {

namespace {

/// A wait so many times the usual one is no longer a slow answer but a hang: hedging it is saving
/// it, and the retry budget pays too.
constexpr int hang_factor = 2;

/// How long a lookup may keep a request waiting that has nowhere else to go.
constexpr Duration lookup_patience = 500ms;
/// How long the endpoint that the client's cookie names may be silent, if nothing else is known.
constexpr Duration patience_at_home = 5s;

bool covers(RetryOn::Kind kind, RetryCondition wanted) {
  switch (kind) {
    case RetryOn::Kind::connect:
      return wanted == RetryCondition::connect;
    case RetryOn::Kind::reset:
      return wanted == RetryCondition::reset;
    case RetryOn::Kind::timeout:
      return wanted == RetryCondition::timeout;
    case RetryOn::Kind::malformed:
      return wanted == RetryCondition::malformed;
    case RetryOn::Kind::truncated:
      return wanted == RetryCondition::truncated;
    case RetryOn::Kind::stream_refused:
      return wanted == RetryCondition::refused;
    case RetryOn::Kind::status:
    case RetryOn::Kind::grpc:
      return false;
  }
  return false;
}

/// After these even the same endpoint is worth another connection, if there is no other.
bool may_go_back(Fault fault) {
  return fault == Fault::keep_alive_race || fault == Fault::closed_before_head ||
         fault == Fault::reset_while_sending || fault == Fault::goaway_unprocessed ||
         fault == Fault::stream_refused;
}

/// An attempt that reached no application burdens nobody: only others count against the budget.
bool costs_budget(Delivery delivery) { return delivery != Delivery::not_sent; }

}  // namespace

Course::Course(Engine& engine_, Exchange& exchange_, Upstream& upstream_)
    : engine(engine_),
      exchange(exchange_),
      upstream(upstream_),
      policy_(exchange_.route->retry),
      hedge_(exchange_.snapshot.hedge_rule_of(*exchange_.route)),
      attempts_left_(policy_.attempts),
      may_run_side_by_side_(is_idempotent(exchange_.head.method) || policy_.unsafe_methods) {}

std::unique_ptr<Attempt> Course::begin(AttemptKind kind) {
  // One that cannot be sent again is not what a doubtful endpoint is tried with.
  Risk risk = exchange.can_be_sent_again() ? Risk::bearable : Risk::avoided;
  Choice choice = upstream.choose(tried_, engine.now(), engine.rng(), risk, exchange.choice_key);
  RetryBudget* paid = std::exchange(paid_, nullptr);
  if (choice.endpoint == nullptr) {
    if (paid != nullptr) paid->give_back(engine.now());
    why_none_ = choice.why_none;
    return nullptr;
  }
  --attempts_left_;
  lacked_budget_ = false;
  tried_.add(choice.index);
  is_at_home_ = choice.is_named;
  moves_ = choice.endpoint->moves();
  return std::make_unique<Attempt>(engine, exchange, upstream, *choice.endpoint, kind);
}

Patience Course::patience_with(Attempt& attempt) {
  if (!may_go_elsewhere()) return {};
  Duration usual_connect = is_at_home_ ? Duration::zero() : attempt.endpoint().usual_connect_time();
  Patience patience{.open = race_delay(upstream.settings().race.after, usual_connect)};
  if (may_become_hedgeable()) {
    Duration usual = hedge_.percent == 0
                         ? Duration::zero()
                         : upstream.response_times().percentile(hedge_.percent, engine.now());
    patience.answer = hedge_delay(hedge_, usual);
  }
  return patience;
}

bool Course::may_go_elsewhere() const {
  // Attempts side by side need their own places in the record.
  bool has_place = exchange.record.attempts_made() < ExchangeRecord::attempts_kept;
  return attempts_left_ > 0 && has_place && upstream.has_untried(tried_);
}

bool Course::may_become_hedgeable() const {
  return hedge_.enabled && may_run_side_by_side_ && exchange.can_be_sent_again();
}

bool Course::seems_to_be_lost(Attempt& waiting) const {
  EndpointHealth& health = waiting.endpoint().health;
  Instant now = engine.now();
  Duration waited = now - waiting.sent_at();
  Duration patience = std::max(health.hangs_after(), patience_at_home);
  // Another one needs time, too.
  for (Duration limit : {upstream.settings().timeouts.first_byte, policy_.timeout}) {
    if (limit > Duration::zero()) patience = std::min(patience, limit / 2);
  }
  bool half_is_over = !exchange.deadline.is_never() && exchange.deadline.time_left(now) <= waited;
  return waited >= patience || half_is_over || health.is_suspected_of_hanging(now);
}

bool Course::may_hedge(Attempt& waiting) {
  bool has_body = exchange.body.kind != BodyPlan::Kind::none;
  bool body_can_be_shared = !has_body || exchange.request_body.is_whole();
  if (!may_become_hedgeable() || !body_can_be_shared || !may_go_elsewhere()) return false;
  if (is_at_home_ && !seems_to_be_lost(waiting)) return false;
  // Answers that are slow because there is too much to do get slower by asking twice.
  if (upstream.admission().is_strained()) return false;
  if (pay(*exchange.hedge_budget)) return true;
  Duration usual = patience_with(waiting).answer;
  bool seems_to_hang = engine.now() - waiting.sent_at() >= hang_factor * usual;
  // One whose time is half over is saved rather than made quicker, however slow others were.
  if (!seems_to_hang && !seems_to_be_lost(waiting)) return false;
  lacked_budget_ = !pay(upstream.retry_budget());
  return !lacked_budget_;
}

bool Course::pay(RetryBudget& budget) {
  if (!budget.try_spend(engine.now())) return false;
  paid_ = &budget;
  return true;
}

bool Course::lists(Fault fault, const Attempt& attempt) const {
  RetryCondition wanted = row_of(fault).retry_on;
  for (const RetryOn& on : policy_.on) {
    if (on.kind == RetryOn::Kind::status && fault == Fault::upstream_error_status) {
      if (on.status == attempt.status()) return true;
    } else if (on.kind == RetryOn::Kind::grpc && fault == Fault::upstream_error_status) {
      if (on.status == attempt.grpc_status()) return true;
    } else if (covers(on.kind, wanted)) {
      return true;
    }
  }
  return false;
}

Fault Course::fault_of_answer(const Attempt& attempt) const {
  bool is_error = attempt.status() >= 400 || attempt.grpc_status() > 0;
  bool is_listed = is_error && lists(Fault::upstream_error_status, attempt);
  return is_listed ? Fault::upstream_error_status : classify_status(attempt.status());
}

bool Course::is_worth_another(const Attempt& attempt, Fault fault) const {
  return lists(fault, attempt);
}

bool Course::may_have_moved(Attempt& attempt, Retry verdict) const {
  const FaultRow& row = row_of(attempt.record().fault);
  bool is_unreachable =
      row.stage == Stage::connect && row.about_endpoint && attempt.delivery() == Delivery::not_sent;
  return verdict == Retry::no_endpoint_left && is_unreachable && attempt.endpoint().has_name();
}

Task<bool> Course::has_moved(Attempt& attempt) {
  Endpoint& endpoint = attempt.endpoint();
  bool has_others = endpoint.addresses() > 1;  // of which the next one is tried
  if (!has_others && endpoint.moves() == moves_ && endpoint.expects_addresses(engine.now())) {
    Deadline patience =
        Deadline::after(engine.now(), lookup_patience).or_earlier(exchange.deadline);
    Sleep sleep(engine, patience.when());
    AddressWait wait(sleep);
    endpoint.await_addresses(wait);
    co_await sleep;
  }
  bool moved = endpoint.has_address() && (has_others || endpoint.moves() != moves_);
  if (moved) tried_.forget(upstream.index_of(endpoint));
  co_return moved;
}

Retry Course::judge(Attempt& attempt, Fault fault) {
  bool is_rest_wanted = exchange.continuation != nullptr;
  if (!upstream.has_untried(tried_) && (may_go_back(fault) || is_rest_wanted)) tried_ = Tried();
  attempt.record().fault = fault;
  return decide(attempt, lists(fault, attempt));
}

Retry Course::judge_useless(Attempt& attempt) { return decide(attempt, true); }

Retry Course::decide(Attempt& attempt, bool fault_is_listed) {
  bool costs = costs_budget(attempt.delivery());
  // One attempt may have reached an application, though the one that fails now reached nobody.
  delivery_ = std::max(delivery_, attempt.delivery());
  RetryBudget& budget = upstream.retry_budget();
  Instant now = engine.now();
  Retry verdict = decide_retry({.fault_is_listed = fault_is_listed,
                                .delivery = delivery_,
                                .may_run_twice = exchange.may_run_twice,
                                .body_can_be_replayed = exchange.request_body.can_be_replayed(),
                                .response_has_started = exchange.committed,
                                .rest_can_be_asked_for = exchange.continuation != nullptr,
                                .client_is_gone = exchange.client_failed,
                                .endpoint_left = upstream.has_untried(tried_),
                                .budget_left = !costs || budget.left(now) >= 1,
                                .lacked_budget = lacked_budget_,
                                .attempts_left = exchange.is_cut ? 0 : attempts_left_,
                                .time_left = exchange.deadline.time_left(now)});
  exchange.record.verdict = verdict;
  attempt.record().verdict = verdict;
  judged_ = &attempt.record();
  if (verdict == Retry::yes && costs) pay(budget);
  return verdict;
}

Retry Course::judge_again() {
  Retry verdict = Retry::yes;
  if (!exchange.request_body.can_be_replayed()) verdict = Retry::no_body_is_gone;
  if (exchange.is_cut) verdict = Retry::no_attempts_left;
  if (verdict == Retry::yes) return verdict;
  if (paid_ != nullptr) std::exchange(paid_, nullptr)->give_back(engine.now());
  judged_->verdict = exchange.record.verdict = verdict;
  return verdict;
}

Task<Retry> Course::back_off() {
  Instant now = engine.now();
  Duration wait = backoff({.pool_is_in_trouble = upstream.trouble().is_there(now),
                           .waits_before = waits_,
                           .time_left = exchange.deadline.time_left(now)},
                          engine.rng());
  if (wait == Duration::zero()) co_return Retry::yes;
  ++waits_;
  Sleep sleep(engine, now + wait);
  co_await sleep;
  co_return judge_again();
}

}  // namespace gg
