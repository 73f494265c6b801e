// SPDX-License-Identifier: Apache-2.0
#include "engine/sim/sim_world.h"

#include <algorithm>

#include "base/assert.h"
#include "engine/sim/sim_engine.h"
#include "engine/sim/sim_network.h"

namespace gg {

namespace {

/// Late enough that a moment before the start can be named, and not a whole number of ticks.
constexpr Instant start_of_time{Duration(1'000'000'000'123)};
/// Of events that share a moment: how often the next happens before anybody reacts to the last.
constexpr double together = 0.5;

}  // namespace

struct SimWorld::Later {
  bool operator()(const Scheduled& a, const Scheduled& b) const {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }
};

SimWorld::SimWorld(std::uint64_t seed)
    : seed_(seed), now_(start_of_time), rng_(seed), network_(std::make_unique<SimNetwork>(*this)) {}

SimWorld::~SimWorld() { GG_ASSERT(engines_.empty()); }

std::array<std::uint8_t, 4> SimWorld::next_ip() {
  ++ips_;
  return {10, 1, static_cast<std::uint8_t>(ips_ >> 8), static_cast<std::uint8_t>(ips_)};
}

void SimWorld::remove(SimEngine& engine) { std::erase(engines_, &engine); }

void SimWorld::add_event(Instant when, std::unique_ptr<Event> event) {
  events_.push_back(
      {.at = std::max(when, now_), .order = events_added_++, .event = std::move(event)});
  std::ranges::push_heap(events_, Later{});
}

SimWorld::Ended SimWorld::run(Duration most) {
  return run_until([] { return false; }, most);
}

std::optional<SimWorld::Ended> SimWorld::step(Instant limit) {
  ++steps_;
  if (SimEngine* engine = pick_busy()) {
    engine->turn(Duration::zero());
    return std::nullopt;
  }
  std::optional<Instant> next = next_moment();
  if (!next) return Ended::idle;
  if (*next > limit) {
    now_ = std::max(now_, limit);
    return Ended::limit;
  }
  now_ = std::max(now_, *next);
  run_events();
  return std::nullopt;
}

void SimWorld::wait_for(SimEngine& engine, Instant limit) {
  while (!engine.has_work()) {
    std::optional<Ended> ended = step(limit);
    if (!ended) continue;
    now_ = std::max(now_, limit);
    return;
  }
}

SimEngine* SimWorld::pick_busy() {
  busy_.clear();
  for (SimEngine* engine : engines_) {
    if (engine->has_work()) busy_.push_back(engine);
  }
  if (busy_.empty()) return nullptr;
  return busy_.size() == 1 ? busy_.front() : busy_[rng_.below(busy_.size())];
}

std::optional<Instant> SimWorld::next_moment() const {
  std::optional<Instant> next;
  if (!events_.empty()) next = events_.front().at;
  for (SimEngine* engine : engines_) {
    std::optional<Instant> due = engine->next_due();
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

void SimWorld::run_events() {
  while (!events_.empty() && events_.front().at <= now_) {
    std::ranges::pop_heap(events_, Later{});
    std::unique_ptr<Event> event = std::move(events_.back().event);
    events_.pop_back();
    event->happen();
    if (!rng_.chance(together)) return;
  }
}

}  // namespace gg
