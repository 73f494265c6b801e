// SPDX-License-Identifier: Apache-2.0
#include "sim/swarm_conduct.h"

#include <algorithm>
#include <array>

#include "sim/dice.h"
#include "sim/nonsense.h"

namespace gg {

namespace {

using Kind = Trouble::Kind;
using First = SimBehaviour::First;
using Framing = SimBehaviour::Framing;
using Stop = SimBehaviour::Stop;

SwarmConduct draw_good(Dice& dice, const SwarmPlan& plan, const SwarmOrigin& origin) {
  SwarmConduct conduct;
  SimBehaviour& good = conduct.behaviour;
  constexpr Framing framings[] = {Framing::sized, Framing::sized, Framing::chunked,
                                  Framing::until_end};
  constexpr int statuses[] = {200, 200, 200, 200, 201, 204, 304, 404, 500};
  good.framing = dice.one_of(framings);
  // Nobody can tell whether a body that ends with its connection was cut short in good order.
  bool may_end_early = origin.link_faults > 0 || origin.incidents > 0 || plan.restarts_in_turn;
  if (may_end_early && good.framing == Framing::until_end) good.framing = Framing::sized;
  good.status = dice.one_of(statuses);
  good.body = dice.size(plan.body_max);
  if (good.status == 204 || good.status == 304) good.body = 0;
  if (good.status == 304) good.framing = Framing::sized;
  if (dice.chance(0.3)) good.delay = dice.between(0ms, 800ms);
  // So quickly that even all clients at once do not wait for long.
  if (origin.slots > 0) good.delay = dice.between(100us, 20ms);
  if (origin.is_grey) good.delay += dice.between(200ms, 1s);
  if (dice.chance(0.2)) good.piece = dice.between(good.body / 20 + 50, good.body + 50);
  if (dice.chance(0.2)) good.pause = dice.between(0ms, 20ms);
  if (dice.chance(0.1)) good.interim = {103};
  if (dice.chance(0.1)) good.trailers = {{"x-trailer", "yes"}};
  if (dice.chance(0.1)) good.sends_continue = false;
  if (dice.chance(0.1)) good.closes = true;
  // To answer early and then hang up while the request is still coming is no good conduct.
  bool stays = !good.closes && !origin.closes_idle && good.framing != Framing::until_end;
  if (stays && dice.chance(0.2)) good.first = First::answer_early;
  return conduct;
}

/// What most requests of such a seed are for: a file that all origins have. False: another version
/// of it.
bool draw_file(SimBehaviour& good, const SwarmPlan& plan, Seed seed, std::uint64_t request,
               std::size_t origin) {
  Dice same((seed.value * 31 + 21) * 1'000'003 + request);
  if (!plan.continues || same.chance(0.3)) return true;
  good.status = 200;
  good.framing = Framing::sized;
  good.body = same.size(plan.body_max);
  good.piece = std::max(good.piece, good.body / 20 + 50);
  good.resource = request;
  Dice own((seed.value * 31 + 22) * 1'000'003 + request * 8 + origin);
  if (!own.chance(0.1)) return true;
  *good.resource += 1'000'001 * (origin + 1);
  return false;
}

void spoil(SwarmConduct& conduct, Dice& dice) {
  SimBehaviour& bad = conduct.behaviour;
  constexpr int apologies[] = {502, 503, 504};
  if (bad.framing == Framing::until_end) bad.framing = Framing::sized;
  switch (dice.between(0, 8)) {
    case 8:
      bad.upload_stop_after = dice.size(20'000);
      bad.stop = dice.one_of(std::array{Stop::reset, Stop::end, Stop::hang});
      conduct.troubles = {Kind::hangs_up, Kind::never_answers};
      break;
    case 0:
      bad.hangs = true;
      conduct.troubles = {Kind::never_answers};
      break;
    case 1:
      bad.first = dice.chance(0.5) ? First::reset : First::close;
      conduct.troubles = {Kind::hangs_up};
      break;
    case 2:
      bad.raw = std::string(dice.one_of(origin_nonsense()));
      bad.interim = {};
      conduct.troubles = {Kind::talks_nonsense, Kind::hangs_up};
      break;
    case 3:
      bad.status = dice.one_of(apologies);
      conduct.troubles = {Kind::apologises};
      break;
    case 4:
      bad.stop_after = dice.between(0, 150 + bad.body);
      bad.stop = dice.chance(0.5) ? Stop::end : Stop::reset;
      conduct.troubles = {Kind::breaks_off, Kind::hangs_up};
      break;
    case 5:
      bad.stop_after = dice.between(0, 150 + bad.body);
      bad.stop = Stop::hang;
      conduct.troubles = {Kind::falls_silent};
      break;
    case 6:
      bad.first = First::answer_early;
      bad.closes = true;
      conduct.troubles = {Kind::breaks_off, Kind::hangs_up};
      break;
    default:
      bad.delay = dice.between(1s, 8s);
      conduct.troubles = {Kind::never_answers};
      break;
  }
}

void apologise(SwarmConduct& conduct) {
  conduct.behaviour.status = 503;
  conduct.behaviour.resource.reset();
  if (conduct.behaviour.framing == Framing::until_end) conduct.behaviour.framing = Framing::sized;
  conduct.troubles = {Kind::apologises};
}

}  // namespace

SwarmConduct conduct_of(Seed seed, const SwarmPlan& plan, std::size_t origin,
                        std::uint64_t request) {
  Dice dice((seed.value * 1'000'003 + origin) * 1'000'003 + request);
  const SwarmOrigin& its_plan = plan.origins[origin];
  SwarmConduct conduct = draw_good(dice, plan, its_plan);
  bool has_same_version = draw_file(conduct.behaviour, plan, seed, request, origin);
  if (dice.chance(its_plan.bad_answers)) spoil(conduct, dice);
  if (its_plan.always_apologises) apologise(conduct);
  if (!has_same_version) conduct.troubles.push_back(Kind::has_another_version);
  return conduct;
}

}  // namespace gg
