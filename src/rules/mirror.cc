// SPDX-License-Identifier: Apache-2.0
#include "rules/mirror.h"

namespace gg {

bool Mirror::wants(Method method, std::uint64_t body_length, std::uint64_t dice) const {
  bool is_safe = method == Method::get || method == Method::head || method == Method::options;
  if (!is_safe && !config_.unsafe_methods) return false;
  if (body_length > config_.body.count) return false;
  // The upper 53 bits, which a double holds without rounding up to the whole.
  return static_cast<double>(dice >> 11U) * 0x1.0p-53 < config_.share.fraction();
}

bool Mirror::enter() {
  std::uint32_t before = running_.fetch_add(1, std::memory_order_relaxed);
  if (before < config_.requests) return true;
  leave();
  return false;
}

}  // namespace gg
