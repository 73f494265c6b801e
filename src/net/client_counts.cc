// SPDX-License-Identifier: Apache-2.0
#include "net/client_counts.h"

#include <algorithm>
#include <bit>
#include <span>

namespace gg {
namespace {

/// Four places for each connection: eight clients in one set are rare then.
constexpr std::uint32_t places_per_connection = 4;
constexpr std::uint32_t places_least = 1024;
constexpr std::uint32_t places_most = 1 << 22;

}  // namespace

ClientCounts::ClientCounts(std::uint32_t most, std::uint32_t connections, SipKey key)
    : most_(most), key_(key) {
  if (most == 0) return;
  std::uint32_t wanted = std::min(connections, places_most / places_per_connection);
  sets_ = std::vector<Set>(std::bit_ceil(std::max(wanted * places_per_connection, places_least)) /
                           ways);
}

/// Of IPv6 the first half: the rest is the client's own to choose.
std::uint64_t ClientCounts::hash_of(const Address& client) const {
  constexpr std::size_t network_bytes = 8;
  std::span<const std::uint8_t> ip = client.ip_bytes();
  std::size_t size = client.family == AddressFamily::v6 ? network_bytes : ip.size();
  std::uint64_t hash = sip_hash(key_, {reinterpret_cast<const char*>(ip.data()), size});
  return hash > count_mask ? hash : hash + count_mask + 1;  // never free
}

ClientCounts::Verdict ClientCounts::take(const Address& client) {
  if (most_ == 0 || client.family == AddressFamily::unix_path) return {};
  std::uint64_t hash = hash_of(client);
  std::size_t place = hash & (sets_.size() - 1);
  Set& set = sets_[place];
  std::uint64_t who = hash & ~count_mask;
  for (;;) {
    std::atomic<std::uint64_t>* free = nullptr;
    std::atomic<std::uint64_t>* own = nullptr;
    std::uint64_t before = 0;
    for (std::atomic<std::uint64_t>& entry : set.entries) {
      std::uint64_t value = entry.load(std::memory_order_relaxed);
      if (value == 0 && free == nullptr) free = &entry;
      if (value == 0 || (value & ~count_mask) != who) continue;
      own = &entry;
      before = value;
      break;
    }
    if (own == nullptr) own = free;
    if (own == nullptr) return {};
    if ((before & count_mask) >= most_) return {.is_within = false, .share = Share::none()};
    std::uint64_t after = before == 0 ? who + 1 : before + 1;
    if (!own->compare_exchange_weak(before, after, std::memory_order_relaxed)) continue;
    std::size_t way = static_cast<std::size_t>(own - set.entries.data());
    return {.is_within = true, .share = Share(static_cast<std::uint32_t>(place * ways + way + 1))};
  }
}

void ClientCounts::give_back(Share share) {
  if (share == Share::none()) return;
  std::size_t place = share.place_ - 1;
  std::atomic<std::uint64_t>& entry = sets_[place / ways].entries[place % ways];
  std::uint64_t before = entry.load(std::memory_order_relaxed);
  for (;;) {
    bool was_the_last = (before & count_mask) == 1;
    std::uint64_t after = was_the_last ? 0 : before - 1;
    if (entry.compare_exchange_weak(before, after, std::memory_order_relaxed)) return;
  }
}

std::uint32_t ClientCounts::count_of(const Address& client) const {
  if (most_ == 0) return 0;
  std::uint64_t hash = hash_of(client);
  std::uint32_t count = 0;
  for (const std::atomic<std::uint64_t>& entry : sets_[hash & (sets_.size() - 1)].entries) {
    std::uint64_t value = entry.load(std::memory_order_relaxed);
    bool is_own = value != 0 && (value & ~count_mask) == (hash & ~count_mask);
    if (is_own) count += static_cast<std::uint32_t>(value & count_mask);
  }
  return count;
}

}  // namespace gg
