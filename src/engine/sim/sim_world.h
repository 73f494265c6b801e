// SPDX-License-Identifier: Apache-2.0
// A simulated world: one virtual clock, one seed, one network, and the engines that live on it.
// Simulation tests make one per run; everything in it happens on the calling thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "engine/sim/sim_trace.h"

namespace gg {

class SimEngine;
class SimNetwork;

/// Outlives its engines. Two runs of one program with one seed have the same trace.
class SimWorld {
 public:
  explicit SimWorld(std::uint64_t seed);
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;
  ~SimWorld();

  Instant now() const { return now_; }
  std::uint64_t seed() const { return seed_; }
  /// Chance of the world itself. Tests may draw from it too; that is part of their program.
  Rng& rng() { return rng_; }
  SimTrace& trace() { return trace_; }
  SimNetwork& network() { return *network_; }

  /// Calls `act()` at that moment (now, if it has passed). Events of one moment happen in the
  /// order in which they were asked for.
  template <class Act>
  void at(Instant when, Act act) {
    add_event(when, std::make_unique<EventOf<Act>>(std::move(act)));
  }
  template <class Act>
  void after(Duration wait, Act act) {
    at(now_ + wait, std::move(act));
  }

  enum class Ended : std::uint8_t {
    idle,   // nothing will ever happen again unless somebody outside acts
    limit,  // the time is up; now() is the limit
    done,   // the condition holds
  };
  /// Runs until nothing is left to happen, at most for `most` of virtual time.
  Ended run(Duration most);
  /// Likewise, until `is_done()`; it is asked after every step.
  template <class Condition>
  Ended run_until(Condition is_done, Duration most) {
    Instant limit = now_ + most;
    while (!is_done()) {
      if (std::optional<Ended> ended = step(limit)) return *ended;
    }
    return Ended::done;
  }

  /// Steps made so far: engine turns and moments.
  std::uint64_t steps() const { return steps_; }

 private:
  friend class SimEngine;

  struct Event {
    virtual ~Event() = default;
    virtual void happen() = 0;
  };
  template <class Act>
  struct EventOf final : Event {
    explicit EventOf(Act a) : act(std::move(a)) {}
    void happen() override { act(); }
    Act act;
  };
  struct Scheduled {
    Instant at;
    std::uint64_t order;
    std::unique_ptr<Event> event;
  };
  struct Later;

  void add_event(Instant when, std::unique_ptr<Event> event);
  /// One turn of an engine that has something to do, or else the next moment. Nothing if it did
  /// something; else why it could not.
  std::optional<Ended> step(Instant limit);
  /// For an engine that turns alone: lets the world run until `engine` has something to do.
  void wait_for(SimEngine& engine, Instant limit);
  SimEngine* pick_busy();
  std::optional<Instant> next_moment() const;
  void run_events();

  /// 10.1.0.1 and up.
  std::array<std::uint8_t, 4> next_ip();
  void add(SimEngine& engine) { engines_.push_back(&engine); }
  void remove(SimEngine& engine);

  std::uint64_t seed_;
  Instant now_;
  Rng rng_;
  SimTrace trace_;
  std::unique_ptr<SimNetwork> network_;
  std::vector<SimEngine*> engines_;
  std::vector<SimEngine*> busy_;
  std::vector<Scheduled> events_;  // a heap, the earliest on top
  std::uint64_t events_added_ = 0;
  std::uint64_t steps_ = 0;
  unsigned ips_ = 0;
};

}  // namespace gg
