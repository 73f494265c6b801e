// SPDX-License-Identifier: Apache-2.0
#include "upstream/members/member_desk.h"

#include <algorithm>
#include <utility>

namespace gg {

MemberDesk::MemberDesk(const Config& config, SharedUpstreams& shared, SeatKeeper& keeper)
    : shared_(shared), keeper_(keeper) {
  for (const UpstreamConfig& upstream : config.upstreams) {
    pools_.push_back({.settings = upstream,
                      .seats = Seats(upstream.endpoints.size(), seats_of(upstream)),
                      .members = {}});
  }
}

MembershipChange MemberDesk::answer(std::size_t upstream, std::vector<EndpointConfig> endpoints,
                                    Instant now) {
  Pool& pool = pools_[upstream];
  MembershipChange change = decide_membership(
      {.configured = pool.settings.endpoints, .present = pool.members, .answer = endpoints});
  // Who goes first, so that nobody's seat is given away: it is not free before it is released.
  for (const EndpointConfig& gone : change.gone) {
    std::size_t seat = *pool.seats.find(member_key(gone.url));
    pool.seats.leave(seat);
    shared_.health(upstream).unseat(seat);
    keeper_.unseat(upstream, seat);
  }
  alter(upstream, change, now);
  std::vector<std::size_t> slow;
  std::erase_if(change.come, [&](const EndpointConfig& endpoint) {
    bool has_seat = come_in(upstream, endpoint, slow);
    if (has_seat) return false;
    ++change.left_out;
    std::erase(change.members, endpoint);
    return true;
  });
  // Where all are new nobody has an advantage.
  bool are_all_new = !pool.has_answered && slow.size() == change.come.size() &&
                     !shared_.health(upstream).was_known();
  for (std::size_t seat : slow) {
    if (!are_all_new) shared_.health(upstream).begin_slowly(seat, now);
  }
  for (const EndpointConfig& endpoint : change.come) {
    std::size_t seat = *pool.seats.find(member_key(endpoint.url));
    shared_.health(upstream).withdraw(seat, endpoint.drains, now);
    keeper_.seat(upstream, seat, endpoint);
  }
  pool.members = change.members;
  pool.has_answered = true;
  return change;
}

/// Of those who stay.
void MemberDesk::alter(std::size_t upstream, const MembershipChange& change, Instant now) {
  Pool& pool = pools_[upstream];
  PoolHealth& health = shared_.health(upstream);
  auto seat_of = [&pool](const EndpointConfig& whom) {
    return *pool.seats.find(member_key(whom.url));
  };
  for (const EndpointConfig& whom : change.drained) health.withdraw(seat_of(whom), true, now);
  for (const EndpointConfig& whom : change.undrained) health.withdraw(seat_of(whom), false, now);
  for (const auto* all : {&change.altered, &change.drained, &change.undrained}) {
    for (const EndpointConfig& whom : *all) keeper_.alter(upstream, seat_of(whom), whom);
  }
}

/// False: there is no seat for it now. `slow`: those that are new among others.
bool MemberDesk::come_in(std::size_t upstream, const EndpointConfig& endpoint,
                         std::vector<std::size_t>& slow) {
  Pool& pool = pools_[upstream];
  std::optional<Seats::Taken> taken = pool.seats.take(member_key(endpoint.url));
  if (!taken) return false;
  PoolHealth& health = shared_.health(upstream);
  if (taken->is_return) {
    health.reseat(taken->seat);
    return true;
  }
  bool is_new = health.seat(taken->seat, endpoint.url);
  shared_.quickest(upstream)[taken->seat].forget();
  // What it was when it was here before says little of a server that starts again.
  if (is_new || pool.has_answered) slow.push_back(taken->seat);
  return true;
}

void MemberDesk::ask_releases() {
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    for (std::size_t seat : pools_[i].seats.leaving()) {
      keeper_.ask_release(i, seat, pools_[i].seats.turn(seat));
    }
  }
}

bool MemberDesk::has_leaving() const {
  return std::ranges::any_of(pools_,
                             [](const Pool& pool) { return !pool.seats.leaving().empty(); });
}

void MemberDesk::released(std::size_t upstream, std::size_t seat, std::uint32_t turn) {
  static_cast<void>(pools_[upstream].seats.release(seat, turn));
}

}  // namespace gg
