// SPDX-License-Identifier: Apache-2.0
// When an endpoint is checked next, and what a row of results means. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "upstream/health/health_state.h"

namespace gg {

struct CheckRules {
  bool by_request = false;  // else by connecting alone, and only one that failed
  Duration every = 2s;
  Duration timeout = 1s;
  std::uint32_t healthy_after = 2;    // at least 1
  std::uint32_t unhealthy_after = 3;  // at least 1
};

struct CheckSituation {
  Standing standing = Standing::up;
  Duration out_for{};         // since it stands so
  bool nobody_is_in = false;  // of the whole upstream
  bool is_changing = false;   // the last results speak against the verdict
};

namespace check_plan {
/// While nobody is left, the return of one is worth much: it is to be found within 100 ms.
inline constexpr Duration wait_for_anybody = 50ms;
inline constexpr Duration patience_for_anybody = 200ms;
/// One that failed a moment ago is often only being restarted.
inline constexpr Duration wait_at_first = 200ms;
inline constexpr Duration at_first = 10s;
inline constexpr Duration wait_later = 1s;
}  // namespace check_plan

/// From the start of one check to the start of the next, before chance spreads it; nothing: it is
/// not checked.
constexpr std::optional<Duration> wait_for_check(const CheckRules& rules,
                                                 const CheckSituation& now) {
  if (now.nobody_is_in) return std::min(check_plan::wait_for_anybody, rules.every);
  bool is_out = now.standing == Standing::out || now.standing == Standing::probing;
  if (rules.by_request) {
    bool hurries = is_out || now.is_changing;
    return hurries ? std::min(rules.every, std::max(rules.every / 4, Duration(100ms)))
                   : rules.every;
  }
  if (!is_out) return std::nullopt;
  bool is_recent = now.out_for < check_plan::at_first;
  return is_recent ? check_plan::wait_at_first : check_plan::wait_later;
}

/// How long one check may take. While nobody is in, three of four are short: a connection that was
/// begun before a network came back is not to be waited for.
constexpr Duration patience_for_check(const CheckRules& rules, bool nobody_is_in,
                                      std::uint64_t number) {
  bool is_short = nobody_is_in && number % 4 != 3;
  return is_short ? std::min(rules.timeout, check_plan::patience_for_anybody) : rules.timeout;
}

/// Results in a row, and the verdict when enough agree.
class CheckSeries {
 public:
  /// True, false: that many in a row passed, failed. The verdict is repeated with every further
  /// result that agrees.
  std::optional<bool> observe(bool passed, const CheckRules& rules) {
    if (passed != last_) count_ = 0;
    last_ = passed;
    ++count_;
    if (count_ < (passed ? rules.healthy_after : rules.unhealthy_after)) return std::nullopt;
    verdict_ = passed;
    return passed;
  }
  std::uint32_t in_a_row() const { return count_; }
  bool is_changing() const { return count_ > 0 && verdict_ != last_; }

 private:
  std::uint32_t count_ = 0;
  bool last_ = false;
  std::optional<bool> verdict_;
};

}  // namespace gg
