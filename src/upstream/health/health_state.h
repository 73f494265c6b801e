// SPDX-License-Identifier: Apache-2.0
// What all threads know of one endpoint's health, as a value that fits into one 64-bit word, so
// that it can be shared as an atomic. What happens to it stands in health_machine.h.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace gg {

enum class Standing : std::uint8_t {
  up,          // gets its share
  grey,        // answers, but far slower than the others: gets a request now and then
  out,         // ejected: gets nothing until its time is over
  probing,     // one request finds out whether it is back
  recovering,  // gets a growing share
  last = recovering,
};

/// Why an endpoint stands as it does.
enum class HealthReason : std::uint8_t {
  none,
  unreachable,      // it could not even be connected to
  faults_in_a_row,  // of requests that reached it
  failure_rate,     // far above that of the others
  slow,             // far slower than the others
  hanging,          // several requests wait and nothing comes
  outrun,           // others answered its requests sooner, again and again
  going_away,       // it closes connections one after the other
  checks_failed,
  probe_sent,
  probe_unheard,  // the request that was to find out ended without telling
  answered,       // a request, the probing one or another, was answered well
  checks_passed,
  can_be_reached,  // connected to again
  ramp_ended,
  added,  // to an upstream that was served already
  by_operator,
  drain_ended,  // that whoever named it had asked for
  last = drain_ended,
};

struct HealthState {
  static constexpr std::uint16_t faults_most = 1023;
  static constexpr std::uint8_t step_most = 31;

  Standing standing = Standing::up;
  HealthReason reason = HealthReason::none;
  // Beside whatever its standing is, it gets nothing new:
  bool is_draining = false;   // by an operator's will,
  bool is_withdrawn = false;  // by the word of what it was found in (discovery/)
  std::uint16_t faults_in_a_row = 0;
  std::uint8_t step = 0;  // ejections without a full recovery between them
  /// Out: when it may be tried. Probing, recovering, grey: since when. Up: of no meaning. Kept in
  /// whole milliseconds, rounded up.
  Instant at{};

  bool drains() const { return is_draining || is_withdrawn; }
  bool operator==(const HealthState&) const = default;
};

namespace health_bits {
// From the lowest bit up; the remaining ones are zero.
inline constexpr int standing = 0;  // 3
inline constexpr int draining = 3;  // 1
inline constexpr int faults = 4;    // 10
inline constexpr int reason = 14;   // 5
inline constexpr int step = 19;     // 5
inline constexpr int at = 24;       // 36: milliseconds, 795 days until they come round
inline constexpr int at_size = 36;
inline constexpr std::uint64_t at_mask = (std::uint64_t{1} << at_size) - 1;
inline constexpr int withdrawn = 60;  // 1
inline constexpr std::uint64_t drains = std::uint64_t{1} << draining | std::uint64_t{1}
                                                                           << withdrawn;
/// All of these zero: up, not draining, no fault outstanding.
inline constexpr std::uint64_t not_plain = ((std::uint64_t{1} << reason) - 1) | drains;
}  // namespace health_bits

constexpr std::uint64_t pack(const HealthState& state) {
  auto at = static_cast<std::uint64_t>(
      std::chrono::ceil<std::chrono::milliseconds>(state.at.since_start).count());
  return static_cast<std::uint64_t>(state.standing) << health_bits::standing |
         static_cast<std::uint64_t>(state.is_draining) << health_bits::draining |
         std::uint64_t{state.faults_in_a_row} << health_bits::faults |
         static_cast<std::uint64_t>(state.reason) << health_bits::reason |
         std::uint64_t{state.step} << health_bits::step |
         static_cast<std::uint64_t>(state.is_withdrawn) << health_bits::withdrawn |
         (at & health_bits::at_mask) << health_bits::at;
}

/// `now` says which of the moments that the bits may stand for is meant: the nearest, which is
/// right for more than a year in both directions.
constexpr HealthState unpack(std::uint64_t word, Instant now) {
  auto field = [word](int place, std::uint64_t mask) { return word >> place & mask; };
  auto ms = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(now.since_start).count());
  std::uint64_t ahead = (field(health_bits::at, health_bits::at_mask) - ms) & health_bits::at_mask;
  auto distance = static_cast<std::int64_t>(ahead);
  bool lies_before = ahead >> (health_bits::at_size - 1) != 0;
  if (lies_before) distance -= std::int64_t{1} << health_bits::at_size;
  return {.standing = static_cast<Standing>(field(health_bits::standing, 7)),
          .reason = static_cast<HealthReason>(field(health_bits::reason, 31)),
          .is_draining = field(health_bits::draining, 1) != 0,
          .is_withdrawn = field(health_bits::withdrawn, 1) != 0,
          .faults_in_a_row = static_cast<std::uint16_t>(field(health_bits::faults, 1023)),
          .step = static_cast<std::uint8_t>(field(health_bits::step, 31)),
          .at = {std::chrono::milliseconds(static_cast<std::int64_t>(ms) + distance)}};
}

/// Nothing to think about: up, not draining, no fault outstanding. One test of the word.
constexpr bool is_plain(std::uint64_t word) { return (word & health_bits::not_plain) == 0; }

}  // namespace gg
