// SPDX-License-Identifier: Apache-2.0
// One endpoint's health as one worker meets it: the attempts it has under way there, what they
// taught, and the shared state that all workers change together.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/intrusive_list.h"
#include "base/time.h"
#include "fault/fault.h"
#include "upstream/health/comparison.h"
#include "upstream/health/outcome_window.h"
#include "upstream/health/suspicion.h"
#include "upstream/pool_health.h"

namespace gg {

/// What is known of a failed attempt beside its fault.
struct FaultFacts {
  bool was_reused = false;
  Duration waited{};
};

class EndpointHealth;

/// One attempt's part in its endpoint's health. Made when the endpoint is chosen for it, told what
/// becomes of it, and once it ends without having been told anything, that counts too.
class HealthTicket final : public ListNode {
 public:
  HealthTicket(EndpointHealth& health, Instant now);
  HealthTicket(const HealthTicket&) = delete;
  HealthTicket& operator=(const HealthTicket&) = delete;

  /// The whole request is sent: from now on the endpoint is waited for.
  void awaits_answer(Instant now);
  /// The head of an answer came.
  void answered(int status, Duration first_byte, Instant now);
  /// May follow an answer whose body broke off.
  void failed(Fault fault, const FaultFacts& facts, Instant now);
  /// Another attempt has answered first, and this one is ended.
  void lost() { has_lost_ = true; }
  /// The attempt is over; once, before the ticket dies.
  void ended(Instant now);

 private:
  friend class EndpointHealth;

  EndpointHealth& health_;
  AttemptNews news_;
  Instant waits_since_{};
  bool was_heard_ = false;
  bool has_lost_ = false;
};

class EndpointHealth {
 public:
  /// `pool` outlives it; the endpoint is one of its.
  EndpointHealth(PoolHealth& pool, std::size_t endpoint) : pool_(pool), endpoint_(endpoint) {}
  EndpointHealth(const EndpointHealth&) = delete;
  EndpointHealth& operator=(const EndpointHealth&) = delete;

  // What all workers know
  // ------------------------------------------------------------------------------

  HealthState state(Instant now) const { return pool_.state(endpoint_, now); }
  /// What its last change was decided on.
  HealthGrounds grounds() const { return pool_.grounds(endpoint_); }
  bool may_be_used(Instant now) const {
    return is_plain(pool_.word(endpoint_)) || gg::may_be_used(state(now), now);
  }
  /// How long it has stood as it does; zero: it never changed.
  Duration standing_for(Instant now) const { return pool_.stands_since(endpoint_, now); }
  /// Was it found a moment ago, and not just once more, that it cannot be connected to?
  bool is_newly_lost(Instant now) const {
    HealthState its = state(now);
    return its.standing == Standing::out && its.reason == HealthReason::unreachable &&
           its.step <= 1 && pool_.standing_for(endpoint_, now) < newly;
  }
  bool is_draining() const { return (pool_.word(endpoint_) & health_bits::drains) != 0; }
  bool is_grey(Instant now) const {
    return !is_plain(pool_.word(endpoint_)) && state(now).standing == Standing::grey;
  }
  /// Until when its kept connections are not trusted, by what any worker has met.
  Instant doubted_until() const { return pool_.doubted_until(endpoint_); }
  void doubt_until(Instant until) {
    if (until > doubted_until()) pool_.doubt_until(endpoint_, until);
  }
  bool is_due_for_probe(Instant now) const {
    return !is_plain(pool_.word(endpoint_)) && gg::is_due_for_probe(state(now), now);
  }
  /// In thousandths of what it gets when all is well.
  std::uint32_t share(Instant now) const {
    return is_plain(pool_.word(endpoint_)) ? 1000 : share_of(state(now), now, pool_.rules());
  }
  /// Takes the right to send the one request that finds out; the next ticket is for it. False if
  /// another thread was faster.
  bool claim_probe(Instant now);

  // What this worker knows
  // -----------------------------------------------------------------------------

  /// Several requests wait far beyond its usual time and not a byte comes. Cheap; for whoever
  /// thinks of sending the same request elsewhere too.
  bool is_suspected_of_hanging(Instant now) {
    return !waiting_.empty() && now - last_heard_ >= hang_limit_.value() && hangs(now);
  }
  /// The time that this share (0.95, say) of its recent answers did not exceed; zero if fewer than
  /// twenty are known. Walks some fifty counts.
  Duration usual_time(double share, Instant now);

  /// Of all `chosen` requests of the upstream, one goes there now.
  void note_chosen(std::uint64_t chosen, Instant now) { trickle_.note_use(chosen, now); }
  /// Has it got nothing for so long that one request should see how it is?
  bool is_due_for_trickle(std::uint64_t chosen, Instant now) const {
    return trickle_.is_due(chosen, now);
  }
  /// It asked to be left alone for so long. A good answer to a later request ends that.
  void rest(Duration length, Instant now) {
    rests_since_ = now;
    rests_until_ = now + length;
  }
  bool is_resting(Instant now) const { return now < rests_until_; }
  /// May it be used, and has not asked to be left alone?
  bool is_at_work(Instant now) const { return may_be_used(now) && !is_resting(now); }
  void note_kept_connection() { closes_.note_kept(); }
  /// It closed a connection after a whole answer.
  void note_closed_connection(Instant now);

  /// Has it answered badly so often in a row, since the last comparison, that the next one should
  /// not wait?
  bool calls_for_comparison() const { return bad_in_a_row_ >= comparison::bad_least; }
  /// Its figures for the comparison with others, and what comes of it.
  EndpointFigures figures(Instant now);
  void take_verdict(const ComparisonVerdict& verdict, Duration others_median, Instant now);
  /// `others`: the longest of the others' hangs_after(), where its own is not known.
  void set_hang_limit(Duration others) {
    hang_limit_.set(hangs_after_ > Duration::zero() ? hangs_after_ : others);
  }
  Duration hang_limit() const { return hang_limit_.value(); }
  /// Ejects it: it is suspected of hanging, and others are not as slow.
  void eject_hanging(Instant now);
  /// Have requests been waiting here, too, for half of `limit`, and was none answered since, but
  /// after more than that limit? Then it is no better than one that hangs.
  bool is_at_a_standstill(Duration limit, Instant now) {
    Duration half = limit / 2;
    bool answers_quickly = now - last_answer_ < half && last_took_ < limit;
    return !waiting_.empty() && now - waiting_.front().waits_since_ >= half && !answers_quickly;
  }
  /// A wait that is far beyond its usual time; zero: not known.
  Duration hangs_after() const { return hangs_after_; }

 private:
  friend class HealthTicket;

  static constexpr Duration newly = 1s;

  void verdict(HealthReason why, const HealthGrounds& grounds, Instant now);
  bool hangs(Instant now);
  std::uint32_t overdue(Duration limit, Instant now);

  PoolHealth& pool_;
  std::size_t endpoint_;
  bool probe_is_claimed_ = false;
  IntrusiveList<HealthTicket> waiting_;  // the one that waits longest in front
  Instant last_heard_{};
  Instant last_answer_{};
  Duration last_took_{};
  std::uint32_t bad_in_a_row_ = 0;  // answers, since the last comparison
  Duration hangs_after_{};
  Instant rests_since_{};
  Instant rests_until_{};
  Duration slow_from_{};  // an answer that takes longer is slow; zero: not known
  HangLimit hang_limit_;
  RaceSeries races_;
  SilenceSeries silence_;
  CloseSeries closes_;
  Trickle trickle_;
  OutcomeWindow window_;
};

}  // namespace gg
