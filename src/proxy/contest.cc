// SPDX-License-Identifier: Apache-2.0
#include "proxy/contest.h"

#include <algorithm>

namespace gg {

namespace {

/// For a look that nothing but news makes necessary. Longer than any configured timeout.
constexpr Duration no_hurry = 24h;

}  // namespace

Contest::Contest(Course& course, std::unique_ptr<Attempt> slow)
    : course_(course),
      departure_look_(course.exchange.record.started_at + departure_patience),
      scope_(course.engine.ready()) {
  course.exchange.contest = this;
  add(std::move(slow));
}

Contest::~Contest() { course_.exchange.contest = nullptr; }

void Contest::add(std::unique_ptr<Attempt> attempt) {
  Runner& runner = runners_[count_++];
  runner.attempt = std::move(attempt);
  ++running_;
  scope_.start(drive(runner));
}

Task<void> Contest::drive(Runner& runner) {
  runner.fault = co_await runner.attempt->run({});
  runner.is_done = true;
  --running_;
  if (waiting_ != nullptr) course_.engine.cancel(*waiting_);
}

bool Contest::has_sent_any() const {
  return std::ranges::any_of(
      runners_, [](const Runner& r) { return r.attempt != nullptr && r.attempt->has_sent(); });
}

bool Contest::may_send(const Attempt& attempt) {
  if (attempt.kind() == AttemptKind::hedge) return true;
  if (has_sent_any()) return false;
  for (Runner& other : runners_) {
    bool still_opens = other.attempt != nullptr && other.attempt.get() != &attempt &&
                       !other.is_done && !other.attempt->has_sent();
    if (still_opens) other.attempt->lose();
  }
  return true;
}

/// Nobody else reads from the client once the request is here.
void Contest::watch_client() {
  Exchange& exchange = course_.exchange;
  bool is_here = exchange.body.kind == BodyPlan::Kind::none || exchange.request_body.has_ended();
  bool is_due = course_.engine.now() >= departure_look_;
  if (is_watching_ || !is_here || !is_due) return;
  is_watching_ = true;
  scope_.start(await_departure());
}

Task<void> Contest::await_departure() {
  client_has_left_ = co_await course_.exchange.client.await_departure();
  if (client_has_left_ && waiting_ != nullptr) course_.engine.cancel(*waiting_);
}

Task<Fault> Contest::run() {
  Instant look = course_.engine.now();
  while (!is_decided()) {
    watch_client();
    if (client_has_left_) continue;
    if (course_.engine.now() >= look) look = try_another();
    bool is_early = !is_watching_ && departure_look_ > course_.engine.now();
    Sleep wait(course_.engine, is_early ? std::min(look, departure_look_) : look);
    waiting_ = &wait;
    co_await wait;
    waiting_ = nullptr;
  }
  course_.exchange.client.stop_awaiting_departure();
  for (Runner& other : runners_) {
    bool is_behind = other.attempt != nullptr && &other != best_ && !other.is_done;
    if (is_behind) other.attempt->lose();
  }
  co_await scope_.join();
  for (Runner& other : runners_) {
    if (other.attempt == nullptr || &other == best_) continue;
    co_await other.attempt->end_upload();
    other.attempt.reset();
  }
  GG_ASSERT(best_ != nullptr);
  if (!client_has_left_) co_return best_->fault;
  course_.exchange.client_failed = true;
  best_->attempt->record().lost = false;
  co_return Fault::client_gone_while_waiting;
}

/// Whoever failed while others still run makes room for a replacement; the best of those who did
/// not do well is kept for the exchange to judge.
bool Contest::is_decided() {
  if (client_has_left_) {
    best_ = &runners_[0];
    for (Runner& runner : runners_) {
      if (runner.attempt != nullptr && !runner.is_done) runner.attempt->give_up();
    }
    return true;
  }
  for (Runner& runner : runners_) {
    if (!runner.is_done || runner.is_looked_at) continue;
    runner.is_looked_at = true;
    if (runner.attempt->has_lost()) continue;
    Fault fault = runner.fault;
    if (fault == Fault::none) fault = course_.fault_of_answer(*runner.attempt);
    bool answered = fault == Fault::none || fault == Fault::upstream_error_status;
    bool is_good = answered && !course_.is_worth_another(*runner.attempt, fault);
    if (is_good || course_.exchange.client_failed) {
      best_ = &runner;
      return true;
    }
    bool best_answered = best_ != nullptr && best_->fault == Fault::none;
    if (answered || !best_answered) best_ = &runner;
    if (running_ > 0 && course_.judge(*runner.attempt, fault) == Retry::yes) {
      start(has_sent_any() ? AttemptKind::hedge : AttemptKind::rival);
    }
  }
  return running_ == 0;
}

Instant Contest::try_another() {
  Instant now = course_.engine.now();
  Instant never = now + no_hurry;
  if (!course_.may_go_elsewhere()) return never;
  Attempt* opening = nullptr;
  Attempt* waiting = nullptr;  // the one that was sent last
  for (Runner& runner : runners_) {
    if (runner.attempt == nullptr || runner.is_done || runner.attempt->has_lost()) continue;
    if (!runner.attempt->has_sent()) {
      opening = runner.attempt.get();
    } else if (waiting == nullptr || runner.attempt->sent_at() > waiting->sent_at()) {
      waiting = runner.attempt.get();
    }
  }
  if (waiting == nullptr && opening == nullptr) return never;
  if (waiting == nullptr) {
    Patience patience = course_.patience_with(*opening);
    return start(AttemptKind::rival) ? now + patience.open : never;
  }
  Duration delay = course_.patience_with(*waiting).answer;
  if (delay == Duration::zero()) return never;
  Instant due = waiting->sent_at() + delay;
  if (now < due) return due;
  // Perhaps there is a budget a little later, or more reason.
  if (!course_.may_hedge(*waiting)) return now + std::min(delay, hedge_wait_unknown);
  return start(AttemptKind::hedge) ? now + delay : never;
}

bool Contest::start(AttemptKind kind) {
  if (count_ == runners_.size()) return false;
  std::unique_ptr<Attempt> attempt = course_.begin(kind);
  if (attempt == nullptr) return false;
  add(std::move(attempt));
  return true;
}

}  // namespace gg
