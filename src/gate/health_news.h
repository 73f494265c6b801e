// SPDX-License-Identifier: Apache-2.0
// Brings changes of endpoint health from the threads that made them to the control thread, which
// says them to the operator and looks after the endpoint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/engine.h"
#include "upstream/pool_health.h"

namespace gg {

/// Says one line per change; when there are very many, how many more there were. Control thread.
class HealthLog {
 public:
  static constexpr std::uint32_t lines_per_second = 20;

  /// What to write now: a line without its end, or two, or nothing.
  std::string line_for(std::string text, Instant now);

 private:
  Instant second_began_{};
  std::uint32_t lines_ = 0;
  std::uint64_t left_out_ = 0;
};

class EventFeed;
class FlightDesk;
class HealthChecks;
class DiscoveryDesk;
class NameWatch;

/// Outlives every thread that changes health; its engine is given before the first of them starts
/// and outlives them too.
class HealthNews final : public HealthListener {
 public:
  void deliver_to(Engine& control) { control_ = &control; }
  /// Are told that something changed; null: nobody is. Control thread.
  void wake(HealthChecks* checks, NameWatch* names = nullptr, DiscoveryDesk* discovery = nullptr) {
    checks_ = checks;
    names_ = names;
    discovery_ = discovery;
  }

  /// Are told of every change; null: nobody is. Control thread.
  void tell(FlightDesk* flights, EventFeed* events = nullptr) {
    flights_ = flights;
    events_ = events;
  }

  void health_changed(const HealthEvent& event) override;

 private:
  class News;

  Engine* control_ = nullptr;
  HealthChecks* checks_ = nullptr;
  NameWatch* names_ = nullptr;
  DiscoveryDesk* discovery_ = nullptr;
  FlightDesk* flights_ = nullptr;
  EventFeed* events_ = nullptr;
  HealthLog log_;
};

}  // namespace gg
