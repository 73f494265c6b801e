// SPDX-License-Identifier: Apache-2.0
// Who of the demo's origins misbehaves when, and how. Pure: the origins follow it, the screen tells
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace gg {

inline constexpr std::size_t demo_origin_count = 3;

enum class Misbehaviour : std::uint8_t {
  none,
  crash,            // nothing listens, every connection is reset
  drop_keep_alive,  // kept connections are closed just as the next request arrives
  garbage,          // something that is no HTTP response
  reset,            // new connections are reset instead of an answer, and none is kept
  overload,         // answers 503
  hang,             // answers come late; last, as the gateway goes on avoiding who was slow
  last = hang,
};
inline constexpr std::size_t misbehaviour_count = static_cast<std::size_t>(Misbehaviour::last) + 1;

/// "is crashing: nothing listens at its port, its connections are reset". Static.
std::string_view words_for(Misbehaviour misbehaviour);

/// What an origin does with one request.
enum class OriginAct : std::uint8_t {
  answer,
  answer_and_close,
  answer_late,
  close,
  reset,
  garbage,
  unavailable,
};

/// Which request it is, counted from 1.
struct RequestCount {
  std::uint64_t on_connection = 1;
  std::uint64_t of_misbehaviour = 1;
};

/// Every second request is treated badly, so that an origin is not simply left out.
OriginAct act_for(Misbehaviour misbehaviour, RequestCount count);

/// One moment of the demo.
struct DemoTurn {
  std::size_t origin = 0;       // whose turn it is, from 0
  Misbehaviour misbehaviour{};  // none: everybody is well right now
  Misbehaviour of(std::size_t which) const {
    return which == origin ? misbehaviour : Misbehaviour::none;
  }
};

/// One origin at a time: a third of each turn everybody is well, then one misbehaves. A request
/// thus always finds a healthy origin, so that every fault is avoidable.
class DemoSchedule {
 public:
  /// `total`: how long the demo runs, if that is known: every kind is to be seen.
  explicit DemoSchedule(std::optional<Duration> total);

  /// `elapsed`: since the start; not negative.
  DemoTurn at(Duration elapsed) const;
  Duration turn_length() const { return turn_length_; }

 private:
  Duration turn_length_;
};

}  // namespace gg
