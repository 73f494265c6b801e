// SPDX-License-Identifier: Apache-2.0
// The door of an upstream: how many requests are let in at once, and who waits for a place. One per
// upstream and worker. The decisions are adaptive_limit.h's and waiting_room.h's.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "record/counters.h"
#include "task/task.h"
#include "upstream/admission/waiting_room.h"

namespace gg {

class Endpoint;

class Admission {
 public:
  using Endpoints = std::vector<std::unique_ptr<Endpoint>>;

  /// Everything outlives the admission. `requests`: in flight, of all workers.
  Admission(Engine& engine, const UpstreamLimits& limits, const Endpoints& endpoints,
            std::atomic<std::uint32_t>& requests, UpstreamCounters& counters);
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;
  /// Nobody waits.
  ~Admission();

  /// A fixed limit counts requests until they are over; an adaptive one until they are answered,
  /// for what an endpoint sends on its own is no work to it.
  bool is_fixed() const { return limits_.requests != 0; }
  /// How many may be in flight, as far as this worker knows.
  std::uint32_t limit() const { return is_fixed() ? limits_.requests : limit_; }
  std::uint32_t in_flight() const { return in_flight_; }
  /// How many wait to be let in.
  std::size_t waiting() const { return room_.size(); }
  /// Is there reason to spare the upstream whatever is not needed, as a second attempt at the side?
  /// Not while one endpoint at least is at ease: a second attempt is for those that wait elsewhere.
  bool is_strained() const;
  /// When it makes sense to ask again after a refusal: as long again as the overload has lasted.
  Duration retry_after() const;

  /// An endpoint's limit has changed, or who may be used.
  void limits_changed();

 private:
  friend class AdmissionPlace;
  struct Sleeper;

  bool enter_at_once() { return room_.empty() && take_place(); }
  bool take_place();
  void add_place();
  void leave();
  Fault join(Sleeper& sleeper);
  void end(Sleeper& sleeper, Fault outcome);
  void let_in();
  void count_place(Instant now);
  void sum_up(Instant now);
  Pressure pressure(Instant now);
  void start_ticking();
  void tick();
  static void tick_due(Operation& tick, void* admission);

  Engine& engine_;
  const UpstreamLimits& limits_;
  const Endpoints& endpoints_;
  std::atomic<std::uint32_t>& requests_;
  UpstreamCounters& counters_;
  WaitingRoom room_;
  std::optional<Sleep> tick_;
  std::uint32_t limit_ = 0;
  std::uint32_t in_flight_ = 0;     // of this worker
  std::uint32_t places_freed_ = 0;  // since period_began_
  double places_per_second_ = 0;
  Instant period_began_{};
  Instant crowded_since_{};  // somebody has waited nearly all the time since
  Instant crowded_last_{};
  std::size_t largest_crowd_ = 0;  // that waited at a time, since then
  Instant overloaded_since_{};
  Instant overloaded_last_{};
};

/// A request's place at an upstream, given back when this dies. Lives in the exchange's frame:
///   AdmissionPlace place(upstream.admission());
///   if (!place.take_at_once()) refused = co_await place.wait({…});
class AdmissionPlace {
 public:
  struct Request {
    Priority priority = Priority::normal;
    Deadline deadline = Deadline::never();
  };

  explicit AdmissionPlace(Admission& admission) : admission_(admission) {}
  AdmissionPlace(const AdmissionPlace&) = delete;
  AdmissionPlace& operator=(const AdmissionPlace&) = delete;
  ~AdmissionPlace() {
    if (is_held_) admission_.leave();
  }

  bool take_at_once() { return is_held_ = admission_.enter_at_once(); }
  /// Waits for a place. Else: why not.
  Task<Fault> wait(Request request);
  /// Ends a wait with this. Without one nothing happens.
  void give_up(Fault fault);
  /// The response head has come.
  void answered() {
    step_aside();
    is_aside_ = false;
  }
  /// The client lets the endpoint wait for the rest of the request, which is no work to it: others
  /// may have the place. Nothing happens where the limit is fixed.
  void step_aside() {
    if (!is_held_ || admission_.is_fixed()) return;
    is_held_ = false;
    is_aside_ = true;
    admission_.leave();
  }
  /// The request is there. It has been let in before: there is a place for it, whatever the limit.
  void come_back() {
    if (!is_aside_) return;
    is_aside_ = false;
    is_held_ = true;
    admission_.add_place();
  }

 private:
  Admission& admission_;
  Admission::Sleeper* sleeper_ = nullptr;
  bool is_held_ = false;
  bool is_aside_ = false;
};

/// An attempt that waits for its response head, for its endpoint's limit to learn from.
class AwaitedAnswer {
 public:
  AwaitedAnswer(Endpoint& endpoint, Admission& admission);
  AwaitedAnswer(const AwaitedAnswer&) = delete;
  AwaitedAnswer& operator=(const AwaitedAnswer&) = delete;
  ~AwaitedAnswer() { end(); }

  /// It came after `time`, of which it may have waited here for the last `lag`.
  void came(Duration time, Duration lag, int status, Instant now);
  /// None will come.
  void end();
  /// None can come yet, for the client keeps the endpoint waiting; and now it can.
  void step_aside();
  void come_back();

 private:
  Endpoint& endpoint_;
  Admission& admission_;
  std::uint32_t awaited_at_start_;
  bool is_awaited_ = true;
  bool is_aside_ = false;
};

}  // namespace gg
