// SPDX-License-Identifier: Apache-2.0
// The health of one upstream's endpoints, shared by all workers and the control thread: the only
// place where a health cell is changed, and where a change is told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.h"
#include "engine/address.h"
#include "fault/fault.h"
#include "upstream/health/health_board.h"
#include "upstream/health/health_event.h"
#include "upstream/health/health_machine.h"

namespace gg {

/// Hears of every change once, on the thread that made it, which may be serving a request.
class HealthListener {
 public:
  virtual ~HealthListener() = default;
  virtual void health_changed(const HealthEvent& event) = 0;
};

/// What a change was decided on.
struct HealthGrounds {
  Fault fault = Fault::none;
  HealthFigures figures;
};

/// "10.0.0.1:3000", "app.internal:80", "unix:/run/app.sock".
std::string name_of(const EndpointUrl& url);
/// Of one that needs no lookup.
std::optional<Address> fixed_address_of(const EndpointUrl& url);

/// Any thread; no lock.
class PoolHealth {
 public:
  /// Cells are taken from `board` while it has any; null: they are the pool's own, and so is
  /// what it knows. `settings` and what is pointed to outlive the pool.
  PoolHealth(const UpstreamConfig& settings, HealthBoard* board, HealthListener* listener,
             Instant now);
  PoolHealth(const PoolHealth&) = delete;
  PoolHealth& operator=(const PoolHealth&) = delete;

  std::size_t size() const { return cells_.size(); }
  const HealthRules& rules() const { return rules_; }
  HealthCell& cell(std::size_t endpoint) { return *cells_[endpoint]; }
  const HealthCell& cell(std::size_t endpoint) const { return *cells_[endpoint]; }
  std::uint64_t word(std::size_t endpoint) const {
    return cells_[endpoint]->word.load(std::memory_order_relaxed);
  }
  HealthState state(std::size_t endpoint, Instant now) const { return unpack(word(endpoint), now); }
  /// What the last change was decided on.
  HealthGrounds grounds(std::size_t endpoint) const;
  /// That an operator gave it, if one did.
  std::optional<std::uint32_t> weight(std::size_t endpoint) const {
    auto given = cells_[endpoint]->weight.load(std::memory_order_relaxed);
    return given == 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(given));
  }
  /// For this and later processes; zero: the configured one again. Workers are told apart from
  /// that.
  void set_weight(std::size_t endpoint, std::uint32_t weight) {
    cells_[endpoint]->weight.store(weight, std::memory_order_relaxed);
  }
  std::string_view upstream() const { return settings_.name; }
  std::string_view name(std::size_t endpoint) const { return names_[endpoint]; }
  /// How long it has stood as it does; long for one that never changed.
  Duration standing_for(std::size_t endpoint, Instant now) const;
  /// The same for those who tell of it: zero for one that never changed.
  Duration stands_since(std::size_t endpoint, Instant now) const {
    bool has_changed = cells_[endpoint]->changed_ms.load(std::memory_order_relaxed) != 0;
    return has_changed ? standing_for(endpoint, now) : Duration::zero();
  }
  /// May what real traffic shows take out one more? Always one of several, and never more than
  /// eject.at_most of them.
  bool may_eject_another(Instant now) const;
  /// Is nobody there who may be used?
  bool all_are_out(Instant now) const;

  /// Replaces the state by step(state), by as many tries as other threads make necessary, and tells
  /// if the standing is another one. Returns whether anything was changed.
  template <class Step>
  bool change(std::size_t endpoint, Instant now, const HealthGrounds& grounds, Step step) {
    HealthCell& cell = *cells_[endpoint];
    std::uint64_t word = cell.word.load(std::memory_order_relaxed);
    for (;;) {
      HealthState before = unpack(word, now);
      HealthState after = step(before);
      std::uint64_t wanted = pack(after);
      if (wanted == word) return false;
      if (!cell.word.compare_exchange_weak(word, wanted, std::memory_order_relaxed)) continue;
      if (before.standing != after.standing) tell(endpoint, before, after, now, grounds);
      return true;
    }
  }

 private:
  void tell(std::size_t endpoint, const HealthState& from, const HealthState& to, Instant now,
            const HealthGrounds& grounds);

  const UpstreamConfig& settings_;
  HealthRules rules_;
  HealthListener* listener_;
  std::vector<std::string> names_;
  std::vector<HealthCell*> cells_;
  std::deque<HealthCell> own_;  // those that the board had no room for
};

}  // namespace gg
