// SPDX-License-Identifier: Apache-2.0
// The health of one upstream's endpoints, shared by all workers and the control thread: the only
// place where a health cell is changed, and where a change is told.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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

/// How many endpoints the upstream may have had a place for at a time: those that are leaving have
/// theirs until nobody uses them.
std::size_t seats_of(const UpstreamConfig& settings);

/// Any thread; no lock. Endpoints are known by their seats (members/seats.h): those that the
/// configuration lists, in its order, then those that were discovered.
class PoolHealth {
 public:
  /// Cells are taken from `board` while it has any; null: they are the pool's own, and so is
  /// what it knows. `settings` and what is pointed to outlive the pool.
  PoolHealth(const UpstreamConfig& settings, HealthBoard* board, HealthListener* listener,
             Instant now);
  PoolHealth(const PoolHealth&) = delete;
  PoolHealth& operator=(const PoolHealth&) = delete;

  /// Seats that were ever taken; of those, is_member() are endpoints now.
  std::size_t size() const { return size_.load(std::memory_order_acquire); }
  bool is_member(std::size_t endpoint) const {
    return seats_[endpoint].is_member.load(std::memory_order_acquire);
  }
  const HealthRules& rules() const { return rules_; }
  HealthCell& cell(std::size_t endpoint) { return cell_of(endpoint); }
  const HealthCell& cell(std::size_t endpoint) const { return cell_of(endpoint); }
  std::uint64_t word(std::size_t endpoint) const {
    return cell_of(endpoint).word.load(std::memory_order_relaxed);
  }
  HealthState state(std::size_t endpoint, Instant now) const { return unpack(word(endpoint), now); }
  /// What the last change was decided on.
  HealthGrounds grounds(std::size_t endpoint) const;
  /// That an operator gave it, if one did.
  std::optional<std::uint32_t> weight(std::size_t endpoint) const {
    auto given = cell_of(endpoint).weight.load(std::memory_order_relaxed);
    return given == 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(given));
  }
  /// For this and later processes; zero: the configured one again. Workers are told apart from
  /// that.
  void set_weight(std::size_t endpoint, std::uint32_t weight) {
    cell_of(endpoint).weight.store(weight, std::memory_order_relaxed);
  }
  /// One of its connections that were kept alive was closed without any warning: until then none
  /// of them is trusted by any worker. Zero: nothing of the kind is known.
  Instant doubted_until(std::size_t endpoint) const {
    Duration since{seats_[endpoint].doubted_until.load(std::memory_order_relaxed)};
    return Instant{since};
  }
  void doubt_until(std::size_t endpoint, Instant until) {
    seats_[endpoint].doubted_until.store(until.since_start.count(), std::memory_order_relaxed);
  }
  std::string_view upstream() const { return settings_.name; }
  /// Lives as long as the pool, whoever has the seat later.
  std::string_view name(std::size_t endpoint) const { return seats_[endpoint].name; }
  /// How long it has stood as it does; long for one that never changed.
  Duration standing_for(std::size_t endpoint, Instant now) const;
  /// The same for those who tell of it: zero for one that never changed.
  Duration stands_since(std::size_t endpoint, Instant now) const {
    bool has_changed = cell_of(endpoint).changed_ms.load(std::memory_order_relaxed) != 0;
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
    HealthCell& cell = cell_of(endpoint);
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

  // Who belongs to it. One thread's, the same for all calls; what is told to others of a seat comes
  // after them.

  /// The seat, which no thread uses, is this endpoint's from now on. Is it one that nothing is
  /// known of?
  bool seat(std::size_t endpoint, const EndpointUrl& url);
  /// Who has it is no member any more, but may be used until nobody does.
  void unseat(std::size_t endpoint) { set_member(endpoint, false); }
  /// Who was about to leave it is a member again.
  void reseat(std::size_t endpoint) { set_member(endpoint, true); }
  /// It is new among others that serve already; nothing from before counts.
  void begin_slowly(std::size_t endpoint, Instant now);
  /// What it was found in wants no request to go there, or no longer wants that.
  void withdraw(std::size_t endpoint, bool withdrawn, Instant now) {
    change(endpoint, now, {},
           [&](const HealthState& state) { return after_withdrawal(state, withdrawn, now); });
  }
  /// Had it, when it was made, endpoints that something was known of?
  bool was_known() const { return was_known_; }

 private:
  /// What is kept of a name for as long as the pool lives.
  struct Known {
    HealthCell* cell = nullptr;
    HealthCell own;  // where the board has no room
  };
  struct Seat {
    std::atomic<HealthCell*> cell{nullptr};
    std::atomic<bool> is_member{false};
    std::atomic<Duration::rep> doubted_until{0};
    std::string_view name;  // in known_
  };

  HealthCell& cell_of(std::size_t endpoint) const {
    return *seats_[endpoint].cell.load(std::memory_order_relaxed);
  }
  bool take_seat(std::size_t endpoint, const EndpointUrl& url);
  void set_member(std::size_t endpoint, bool is_member) {
    seats_[endpoint].is_member.store(is_member, std::memory_order_release);
  }
  bool is_out(std::size_t endpoint, Instant now) const;
  void tell(std::size_t endpoint, const HealthState& from, const HealthState& to, Instant now,
            const HealthGrounds& grounds);

  const UpstreamConfig& settings_;
  HealthRules rules_;
  HealthBoard* board_;
  HealthListener* listener_;
  std::size_t room_;
  std::unique_ptr<Seat[]> seats_;
  std::atomic<std::size_t> size_{0};
  std::map<std::string, Known, std::less<>> known_;  // by name
  bool was_known_ = false;
};

}  // namespace gg
