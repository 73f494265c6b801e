// SPDX-License-Identifier: Apache-2.0
#include "upstream/admission/admission.h"

#include <algorithm>

#include "upstream/endpoint.h"

namespace gg {

namespace {

/// Places that become free are counted over this, and the limit is summed up as often.
constexpr Duration period = 50ms;
/// Before, the rate tells more of how few requests there were than of how many there could be.
constexpr Duration measuring_time = 200ms;
constexpr Duration tick_interval = 10ms;
/// Other workers' places become free without a word.
constexpr Duration shared_tick_interval = 2ms;
/// A queue that stands for longer than a burst's is overload. It is another one after a gap.
constexpr Duration longest_burst = 500ms;
constexpr Duration crowd_gap = 100ms;
/// Fewer waiting are no overload: what made them wait may pass, or be the gateway's own caution.
constexpr std::size_t least_crowd = 20;
constexpr Duration longest_retry_after = 30s;

}  // namespace

/// Somebody who waits, asleep in AdmissionPlace::wait.
struct Admission::Sleeper final : Waiting {
  using Waiting::Waiting;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) { waiter = handle; }
  Fault await_resume() const { return outcome; }

  std::coroutine_handle<> waiter;
  Fault outcome = Fault::none;
  bool is_over = false;
};

Admission::Admission(Engine& engine, const UpstreamLimits& limits, const Endpoints& endpoints,
                     std::atomic<std::uint32_t>& requests, UpstreamCounters& counters)
    : engine_(engine),
      limits_(limits),
      endpoints_(endpoints),
      requests_(requests),
      counters_(counters),
      room_(limits.queue) {
  sum_up(engine.now());
}

Admission::~Admission() {
  GG_ASSERT(room_.empty() && in_flight_ == 0);
  if (tick_) engine_.cancel(*tick_);
  counters_.requests_limit.add(-static_cast<std::int64_t>(limit_));
}

// Places
// -----------------------------------------------------------------------------------------

bool Admission::take_place() {
  if (is_fixed()) {
    std::uint32_t before = requests_.fetch_add(1, std::memory_order_relaxed);
    if (before >= limits_.requests) {
      requests_.fetch_sub(1, std::memory_order_relaxed);
      return false;
    }
  } else if (in_flight_ >= limit_) {
    return false;
  }
  add_place();
  return true;
}

void Admission::add_place() {
  ++in_flight_;
  counters_.requests_in_flight.add(1);
}

void Admission::leave() {
  --in_flight_;
  counters_.requests_in_flight.add(-1);
  if (is_fixed()) requests_.fetch_sub(1, std::memory_order_relaxed);
  count_place(engine_.now());
  if (!room_.empty()) let_in();
}

void Admission::count_place(Instant now) {
  ++places_freed_;
  Duration passed = now - period_began_;
  if (passed < period) return;
  double rate = places_freed_ / std::chrono::duration<double>(passed).count();
  bool is_first = places_per_second_ == 0 || passed > 20 * period;
  places_per_second_ += (rate - places_per_second_) * (is_first ? 1 : 0.3);
  places_freed_ = 0;
  period_began_ = now;
  sum_up(now);
}

void Admission::limits_changed() {
  sum_up(engine_.now());
  if (!room_.empty()) let_in();
}

/// The sum over the endpoints in use; over all when there is none, for then any will have to do.
/// What waits at one that is out of use takes nobody's place at the others.
void Admission::sum_up(Instant now) {
  std::uint32_t before = limit_;
  std::uint32_t usable = 0;
  std::uint32_t all = 0;
  std::uint32_t stuck = 0;
  for (const std::unique_ptr<Endpoint>& endpoint : endpoints_) {
    if (!endpoint->is_member()) {
      stuck += endpoint->load.awaited;
      continue;
    }
    const EndpointHealth& health = endpoint->health;
    std::uint32_t limit = endpoint->load.adaptive.limit();
    all += limit;
    bool is_used = endpoint->has_address() && health.is_at_work(now) && !health.is_grey(now);
    if (is_used) {
      usable += limit;
    } else {
      stuck += endpoint->load.awaited;
    }
  }
  limit_ = std::max(usable > 0 ? usable + stuck : all, 1U);
  counters_.requests_limit.add(static_cast<std::int64_t>(limit_) - before);
}

Pressure Admission::pressure(Instant now) {
  Pressure pressure{.places_per_second = places_per_second_};
  double limits = 0;
  double congested = 0;
  double usual = 0;
  double bearable = 0;
  for (const std::unique_ptr<Endpoint>& endpoint : endpoints_) {
    if (!endpoint->is_member()) continue;
    const AdaptiveLimit& adaptive = endpoint->load.adaptive;
    double limit = adaptive.limit();
    limits += limit;
    if (adaptive.is_congested()) congested += limit;
    pressure.is_doubtful |= adaptive.may_be_congested();
    pressure.excess += std::max(0.0, endpoint->load.awaited - limit);
    usual += limit * static_cast<double>(adaptive.usual().count());
    bearable += limit * static_cast<double>(adaptive.bearable().count());
  }
  if (limits > 0) {
    pressure.usual = Duration(static_cast<Duration::rep>(usual / limits));
    pressure.bearable = Duration(static_cast<Duration::rep>(bearable / limits));
  }
  Duration burst = std::min(longest_burst, limits_.queue.wait / 2);
  Duration crowded_for = crowded_since_ == Instant{} ? Duration::zero() : now - crowded_since_;
  pressure.is_measured = crowded_for >= measuring_time;
  bool stands = crowded_for >= burst;
  bool will_stand = room_.expected_wait(Priority::low, pressure) > burst;
  bool goes_on = overloaded_last_ != Instant{} && now - overloaded_last_ < crowd_gap;
  bool has_begun = (stands || will_stand) && largest_crowd_ >= least_crowd;
  bool is_congested = is_fixed() || (congested * 3 >= limits && congested > 0);
  pressure.is_overloaded = is_congested && (has_begun || goes_on);
  if (pressure.is_overloaded) {
    if (now - overloaded_last_ > 1s) overloaded_since_ = now;
    overloaded_last_ = now;
  }
  return pressure;
}

bool Admission::is_strained() const {
  return !room_.empty() || std::ranges::none_of(endpoints_, [](const auto& endpoint) {
    return endpoint->is_member() && !endpoint->load.adaptive.may_be_congested() &&
           endpoint->load.has_room();
  });
}

Duration Admission::retry_after() const {
  Duration lasted = overloaded_last_ - overloaded_since_;
  return std::clamp(lasted, Duration(1s), longest_retry_after);
}

// Waiting
// ----------------------------------------------------------------------------------------

Fault Admission::join(Sleeper& sleeper) {
  Instant now = engine_.now();
  if (room_.empty() && now - crowded_last_ > crowd_gap) {
    crowded_since_ = now;
    largest_crowd_ = 0;
  }
  crowded_last_ = now;
  WaitingRoom::Verdict verdict = room_.join(sleeper, pressure(now), now);
  if (verdict.evicted != nullptr) {
    end(static_cast<Sleeper&>(*verdict.evicted), Fault::overload_shed);
  }
  if (verdict.refusal != Fault::none) return verdict.refusal;
  counters_.requests_waiting.add(1);
  largest_crowd_ = std::max(largest_crowd_, room_.size());
  start_ticking();
  return Fault::none;
}

/// `sleeper` has left the room.
void Admission::end(Sleeper& sleeper, Fault outcome) {
  counters_.requests_waiting.add(-1);
  sleeper.outcome = outcome;
  sleeper.is_over = true;
  engine_.ready().post(sleeper.waiter);
}

void Admission::let_in() {
  Instant now = engine_.now();
  crowded_last_ = now;
  while (!room_.empty() && take_place()) {
    end(static_cast<Sleeper&>(room_.next(pressure(now), now)), Fault::none);
  }
}

void Admission::start_ticking() {
  if (tick_ && tick_->is_waiting()) return;
  Duration interval = is_fixed() ? shared_tick_interval : tick_interval;
  tick_.emplace(engine_, engine_.now() + interval);
  tick_->on_complete(&Admission::tick_due, this);
  engine_.submit(*tick_);
}

void Admission::tick_due(Operation& /*tick*/, void* admission) {
  auto& self = *static_cast<Admission*>(admission);
  self.tick_.reset();
  self.tick();
}

void Admission::tick() {
  if (room_.empty()) return;
  Instant now = engine_.now();
  IntrusiveList<Waiting> expired;
  room_.take_expired(now, expired);
  expired.for_each([this](Waiting& waiting) {
    waiting.unlink();
    end(static_cast<Sleeper&>(waiting), Fault::queue_wait_exceeded);
  });
  if (room_.empty()) return;
  if (!is_fixed()) {
    AdaptiveLimit::Press press{.waited = room_.longest_wait(now),
                               .most = limits_.queue.wait,
                               .are_few = largest_crowd_ < least_crowd,
                               .is_overload = pressure(now).is_overloaded};
    for (const std::unique_ptr<Endpoint>& endpoint : endpoints_) {
      if (endpoint->is_member()) endpoint->load.adaptive.press(press, now);
    }
    sum_up(now);
  }
  let_in();
  if (!room_.empty()) start_ticking();
}

Task<Fault> AdmissionPlace::wait(Request request) {
  Admission::Sleeper sleeper(request.priority, request.deadline, admission_.engine_.now());
  Fault refused = admission_.join(sleeper);
  if (refused != Fault::none) co_return refused;
  sleeper_ = &sleeper;
  Fault outcome = co_await sleeper;
  sleeper_ = nullptr;
  is_held_ = outcome == Fault::none;
  co_return outcome;
}

void AdmissionPlace::give_up(Fault fault) {
  if (sleeper_ == nullptr || sleeper_->is_over) return;
  admission_.room_.leave(*sleeper_);
  admission_.end(*sleeper_, fault);
}

// Answers
// ----------------------------------------------------------------------------------------

AwaitedAnswer::AwaitedAnswer(Endpoint& endpoint, Admission& admission)
    : endpoint_(endpoint), admission_(admission), awaited_at_start_(++endpoint.load.awaited) {}

void AwaitedAnswer::end() {
  step_aside();
  is_aside_ = false;
}

void AwaitedAnswer::step_aside() {
  if (!is_awaited_) return;
  is_awaited_ = false;
  is_aside_ = true;
  --endpoint_.load.awaited;
}

void AwaitedAnswer::come_back() {
  if (!is_aside_) return;
  is_aside_ = false;
  is_awaited_ = true;
  awaited_at_start_ = ++endpoint_.load.awaited;
}

void AwaitedAnswer::came(Duration time, Duration lag, int status, Instant now) {
  end();
  // A refusal is no measure of how long the work takes.
  bool tells = status < 500 && status != 429;
  if (!tells) return;
  EndpointLoad& load = endpoint_.load;
  Duration elsewhere = load.adaptive.has_learned() ? Duration::zero() : load.quickest.value(now);
  if (elsewhere > Duration::zero() && elsewhere < time) load.adaptive.be_told(elsewhere);
  time = load.adaptive.without_doubt(time, lag);
  AdaptiveLimit::Sample sample{
      .time = time, .in_flight = awaited_at_start_, .still_there = load.awaited};
  if (load.adaptive.observe(sample, now)) admission_.limits_changed();
  if (load.adaptive.is_quick(time)) load.quickest.note(time, now);
}

}  // namespace gg
