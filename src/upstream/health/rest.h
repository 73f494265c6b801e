// SPDX-License-Identifier: Apache-2.0
// "Come back later": how long an endpoint is left alone that answers 503 with a Retry-After. Pure.
// Asked by Upstream; attempts report what they read.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace gg {

/// However long an endpoint wants to be left alone. It may be wrong about that, or mean one page.
inline constexpr Duration rest_most = 10s;

/// What a Retry-After (RFC 9110 10.2.3) asks for: so many seconds, or until a date in its preferred
/// form. Nothing if it makes no sense, asks for nothing or has passed. At most a day.
std::optional<Duration> retry_after_of(std::string_view value, WallTime now);

/// Everything that decides whether an endpoint gets its rest.
struct RestQuestion {
  Duration asked{};
  std::size_t endpoints = 1;    // of the upstream, this one too
  std::size_t others_away = 0;  // of the others: ejected, draining, resting, or without an address
  double at_most = 0.5;         // the share of an upstream that may be away, as for ejection
};

/// How long it is left alone; zero: not at all. One of several may always rest, unless nobody may
/// be away at all, but never the last one that is there.
constexpr Duration rest_for(const RestQuestion& question) {
  std::size_t away = question.others_away + 1;
  bool is_last = away >= question.endpoints;
  bool are_too_many =
      question.others_away > 0 &&
      static_cast<double>(away) > question.at_most * static_cast<double>(question.endpoints);
  if (is_last || are_too_many || question.at_most <= 0) return Duration::zero();
  return question.asked < rest_most ? question.asked : rest_most;
}

}  // namespace gg
