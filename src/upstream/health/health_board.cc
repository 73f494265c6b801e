// SPDX-License-Identifier: Apache-2.0
#include "upstream/health/health_board.h"

namespace gg {

namespace {

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
std::uint64_t hash_on(std::uint64_t hash, std::string_view text) {
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

}  // namespace

std::uint64_t HealthBoard::key_of(std::string_view upstream, std::string_view endpoint) {
  std::uint64_t hash = hash_on(14695981039346656037U, upstream);
  hash = hash_on(hash, std::string_view("\0", 1));
  hash = hash_on(hash, endpoint);
  return hash == 0 ? 1 : hash;
}

HealthBoard::Found HealthBoard::find(std::string_view upstream, std::string_view endpoint) {
  std::uint64_t key = key_of(upstream, endpoint);
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    HealthCell& cell = cells_[(key + i) % cells_.size()];
    std::uint64_t held = cell.key.load(std::memory_order_acquire);
    if (held == key) return {.cell = &cell, .is_new = false};
    if (held != 0) continue;
    if (cell.key.compare_exchange_strong(held, key, std::memory_order_acq_rel)) {
      return {.cell = &cell, .is_new = true};
    }
    if (held == key) return {.cell = &cell, .is_new = false};
  }
  return {};
}

}  // namespace gg
