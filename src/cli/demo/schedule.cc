// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/schedule.h"

#include <algorithm>

namespace gg {

namespace {

constexpr std::size_t kinds = misbehaviour_count - 1;  // without `none`
constexpr Duration longest_turn = 3s;
/// Long enough to be told apart, and for connections to be used again.
constexpr Duration shortest_turn = 500ms;

}  // namespace

std::string_view words_for(Misbehaviour misbehaviour) {
  switch (misbehaviour) {
    case Misbehaviour::none:
      return "is well";
    case Misbehaviour::crash:
      return "has crashed: its port is closed, its connections were reset";
    case Misbehaviour::hang:
      return "is hanging: every answer comes 400 ms late";
    case Misbehaviour::drop_keep_alive:
      return "closes kept-alive connections just as a request arrives";
    case Misbehaviour::garbage:
      return "sends garbage instead of responses";
    case Misbehaviour::reset:
      return "resets connections instead of answering";
    case Misbehaviour::overload:
      return "is overloaded: it answers 503";
  }
  return "";
}

OriginAct act_for(Misbehaviour misbehaviour, RequestCount count) {
  bool is_unlucky = count.of_misbehaviour % 2 == 1;
  switch (misbehaviour) {
    case Misbehaviour::none:
    case Misbehaviour::crash:
      return OriginAct::answer;
    case Misbehaviour::hang:
      return OriginAct::answer_late;
    case Misbehaviour::drop_keep_alive:
      return is_unlucky && count.on_connection > 1 ? OriginAct::close : OriginAct::answer;
    case Misbehaviour::garbage:
      return is_unlucky ? OriginAct::garbage : OriginAct::answer;
    case Misbehaviour::reset:
      // On a connection that was used before it would look like a keep-alive race.
      return is_unlucky && count.on_connection == 1 ? OriginAct::reset
                                                    : OriginAct::answer_and_close;
    case Misbehaviour::overload:
      return is_unlucky ? OriginAct::unavailable : OriginAct::answer;
  }
  return OriginAct::answer;
}

DemoSchedule::DemoSchedule(std::optional<Duration> total)
    : turn_length_(std::clamp(total.value_or(longest_turn * kinds) / static_cast<int>(kinds),
                              shortest_turn, longest_turn)) {}

DemoTurn DemoSchedule::at(Duration elapsed) const {
  auto number = static_cast<std::size_t>(elapsed / turn_length_);
  // Shifted by one each round, so that every origin comes to do everything.
  DemoTurn turn{.origin = (number + number / kinds) % demo_origin_count,
                .misbehaviour = Misbehaviour::none};
  bool is_calm = elapsed % turn_length_ < turn_length_ / 3;
  if (!is_calm) turn.misbehaviour = static_cast<Misbehaviour>(1 + number % kinds);
  return turn;
}

}  // namespace gg
