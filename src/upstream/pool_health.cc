// SPDX-License-Identifier: Apache-2.0
#include "upstream/pool_health.h"

#include <algorithm>

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

PoolHealth::PoolHealth(const UpstreamConfig& settings, HealthBoard* board, HealthListener* listener,
                       Instant now)
    : settings_(settings), rules_(rules_from(settings.eject)), listener_(listener) {
  std::vector<HealthCell*> added;
  for (const EndpointConfig& endpoint : settings.endpoints) {
    names_.push_back(name_of(endpoint.url));
    HealthBoard::Found found;
    if (board != nullptr) found = board->find(settings.name, names_.back());
    if (found.is_new) added.push_back(found.cell);
    if (found.cell == nullptr) found.cell = &own_.emplace_back();
    cells_.push_back(found.cell);
  }
  // All new is a gateway that starts: nobody has an advantage. One among others begins slowly.
  if (added.size() == cells_.size()) return;
  for (HealthCell* cell : added) {
    cell->word.store(pack(after_added({}, now)), std::memory_order_relaxed);
  }
}

HealthGrounds PoolHealth::grounds(std::size_t endpoint) const {
  const HealthCell& cell = *cells_[endpoint];
  std::uint64_t figures = cell.figures.load(std::memory_order_relaxed);
  std::uint64_t fault = cell.fault.load(std::memory_order_relaxed);
  return {.fault = fault < fault_count ? static_cast<Fault>(fault) : Fault::none,
          .figures = {.first = static_cast<std::uint32_t>(figures >> 32),
                      .second = static_cast<std::uint32_t>(figures)}};
}

Duration PoolHealth::standing_for(std::size_t endpoint, Instant now) const {
  std::uint64_t changed = cells_[endpoint]->changed_ms.load(std::memory_order_relaxed);
  return now.since_start - std::chrono::milliseconds(static_cast<std::int64_t>(changed));
}

bool PoolHealth::may_eject_another(Instant now) const {
  if (settings_.eject.at_most.percent == 0) return false;
  std::size_t out = 0;
  for (const HealthCell* cell : cells_) {
    HealthState state = unpack(cell->word.load(std::memory_order_relaxed), now);
    if (state.standing == Standing::out || state.standing == Standing::probing) ++out;
  }
  if (cells_.size() < 2) return false;
  double share = static_cast<double>(out + 1) / static_cast<double>(cells_.size());
  return out == 0 || share <= settings_.eject.at_most.fraction();
}

bool PoolHealth::all_are_out(Instant now) const {
  return std::ranges::all_of(cells_, [now](const HealthCell* cell) {
    HealthState state = unpack(cell->word.load(std::memory_order_relaxed), now);
    return state.standing == Standing::out || state.standing == Standing::probing;
  });
}

void PoolHealth::tell(std::size_t endpoint, const HealthState& from, const HealthState& to,
                      Instant now, const HealthGrounds& grounds) {
  HealthCell& cell = *cells_[endpoint];
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
                             .endpoint = names_[endpoint],
                             .from = from,
                             .to = to,
                             .fault = grounds.fault,
                             .figures = grounds.figures,
                             .now = now});
}

}  // namespace gg
