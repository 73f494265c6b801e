// SPDX-License-Identifier: Apache-2.0
#include "upstream/pool_health.h"

#include <algorithm>
#include <vector>

#include "base/assert.h"
#include "upstream/members/membership.h"

namespace gg {

namespace {

HealthRules rules_from(const EjectConfig& settings) {
  return {.consecutive_faults = std::max(settings.consecutive_faults, 1U),
          .shortest = settings.shortest,
          .longest = std::max(settings.shortest, settings.longest)};
}

}  // namespace

std::string name_of(const EndpointUrl& url) {
  if (url.scheme == Scheme::unix_socket) return "unix:" + url.path;
  bool is_v6 = url.host.find(':') != std::string::npos;
  std::string host = is_v6 ? "[" + url.host + "]" : url.host;
  return host + ":" + std::to_string(url.port);
}

std::optional<Address> fixed_address_of(const EndpointUrl& url) {
  if (url.scheme == Scheme::unix_socket) return Address::unix_at(url.path);
  return parse_ip(url.host, url.port);
}

std::size_t seats_of(const UpstreamConfig& settings) {
  return settings.endpoints.size() + (settings.discover ? 2 * discovered_most : 0);
}

PoolHealth::PoolHealth(const UpstreamConfig& settings, HealthBoard* board, HealthListener* listener,
                       Instant now)
    : settings_(settings),
      rules_(rules_from(settings.eject)),
      board_(board),
      listener_(listener),
      room_(seats_of(settings)),
      seats_(std::make_unique<Seat[]>(room_)) {
  std::vector<std::size_t> added;
  for (std::size_t i = 0; i < settings.endpoints.size(); ++i) {
    if (take_seat(i, settings.endpoints[i].url)) added.push_back(i);
    // Whoever said so does not speak for it any more.
    cell_of(i).word.fetch_and(~(std::uint64_t{1} << health_bits::withdrawn),
                              std::memory_order_relaxed);
  }
  // All new is a gateway that starts: nobody has an advantage. One among others begins slowly.
  if (added.size() == size()) return;
  was_known_ = true;
  for (std::size_t endpoint : added) begin_slowly(endpoint, now);
}

bool PoolHealth::seat(std::size_t endpoint, const EndpointUrl& url) {
  return take_seat(endpoint, url);
}

bool PoolHealth::take_seat(std::size_t endpoint, const EndpointUrl& url) {
  GG_ASSERT(endpoint < room_);
  auto [place, is_new] = known_.try_emplace(name_of(url));
  Known& known = place->second;
  if (is_new && board_ != nullptr) {
    HealthBoard::Found found = board_->find(settings_.name, place->first);
    known.cell = found.cell;
    is_new = found.is_new || found.cell == nullptr;
  }
  if (known.cell == nullptr) known.cell = &known.own;
  Seat& its = seats_[endpoint];
  its.name = place->first;
  its.cell.store(known.cell, std::memory_order_relaxed);
  its.doubted_until.store(0, std::memory_order_relaxed);
  set_member(endpoint, true);
  if (endpoint >= size()) size_.store(endpoint + 1, std::memory_order_release);
  return is_new;
}

void PoolHealth::begin_slowly(std::size_t endpoint, Instant now) {
  HealthCell& its = cell_of(endpoint);
  its.word.store(pack(after_added({}, now)), std::memory_order_relaxed);
  its.weight.store(0, std::memory_order_relaxed);
}

HealthGrounds PoolHealth::grounds(std::size_t endpoint) const {
  const HealthCell& cell = cell_of(endpoint);
  std::uint64_t figures = cell.figures.load(std::memory_order_relaxed);
  std::uint64_t fault = cell.fault.load(std::memory_order_relaxed);
  return {.fault = fault < fault_count ? static_cast<Fault>(fault) : Fault::none,
          .figures = {.first = static_cast<std::uint32_t>(figures >> 32),
                      .second = static_cast<std::uint32_t>(figures)}};
}

Duration PoolHealth::standing_for(std::size_t endpoint, Instant now) const {
  std::uint64_t changed = cell_of(endpoint).changed_ms.load(std::memory_order_relaxed);
  return now.since_start - std::chrono::milliseconds(static_cast<std::int64_t>(changed));
}

/// Of a member.
bool PoolHealth::is_out(std::size_t endpoint, Instant now) const {
  Standing standing = state(endpoint, now).standing;
  return standing == Standing::out || standing == Standing::probing;
}

bool PoolHealth::may_eject_another(Instant now) const {
  if (settings_.eject.at_most.percent == 0) return false;
  std::size_t out = 0;
  std::size_t all = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    if (!is_member(i)) continue;
    ++all;
    if (is_out(i, now)) ++out;
  }
  if (all < 2) return false;
  double share = static_cast<double>(out + 1) / static_cast<double>(all);
  return out == 0 || share <= settings_.eject.at_most.fraction();
}

bool PoolHealth::all_are_out(Instant now) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (is_member(i) && !is_out(i, now)) return false;
  }
  return true;
}

void PoolHealth::tell(std::size_t endpoint, const HealthState& from, const HealthState& to,
                      Instant now, const HealthGrounds& grounds) {
  HealthCell& cell = cell_of(endpoint);
  if (to.standing != Standing::probing) {
    cell.fault.store(index_of(grounds.fault), std::memory_order_relaxed);
    cell.figures.store(std::uint64_t{grounds.figures.first} << 32 | grounds.figures.second,
                       std::memory_order_relaxed);
  }
  auto ms = std::chrono::floor<std::chrono::milliseconds>(now.since_start).count();
  cell.changed_ms.store(static_cast<std::uint64_t>(ms), std::memory_order_relaxed);
  bool is_ejection = to.standing == Standing::out && from.standing != Standing::probing;
  if (is_ejection) cell.ejections.fetch_add(1, std::memory_order_relaxed);
  if (listener_ == nullptr) return;
  listener_->health_changed({.upstream = settings_.name,
                             .endpoint = name(endpoint),
                             .from = from,
                             .to = to,
                             .fault = grounds.fault,
                             .figures = grounds.figures,
                             .now = now});
}

}  // namespace gg
