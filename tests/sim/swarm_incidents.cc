// SPDX-License-Identifier: Apache-2.0
#include "sim/swarm_incidents.h"

namespace gg {

namespace {

using Kind = Trouble::Kind;

}  // namespace

void plan_incident(World& world, Dice& dice, std::size_t index, Duration span) {
  SimWorld& sim = world.sim();
  SimMachine& machine = world.machine(index);
  SimNetwork& network = world.network();
  const Address& at = machine.door();
  Instant from = sim.now() + dice.between(0s, span);
  Instant until = from + dice.between(10ms, 8s);
  auto declare = [&](Kind kind) {
    world.declare({.kind = kind, .origin = index, .request = {}, .from = from, .until = until});
  };
  switch (dice.between(0, 7)) {
    case 7:
      sim.at(from, [&network, at] { network.set_backlog(at, 0); });
      sim.at(until, [&network, at] { network.set_backlog(at, 128); });
      declare(Kind::unanswered);
      break;
    case 0: {
      Closing how = dice.chance(0.5) ? Closing::reset : Closing::orderly;
      sim.at(from, [&machine, how] { machine.crash(how); });
      sim.at(until, [&machine] { machine.restart(); });
      declare(Kind::crashed);
      break;
    }
    case 1:
      sim.at(from, [&network, at] { network.black_hole(at); });
      sim.at(until, [&network, at] { network.heal(at); });
      declare(Kind::unanswered);
      break;
    case 2:
      sim.at(from, [&network, at] { network.set_answer(at, ConnectAnswer::refuse); });
      sim.at(until, [&network, at] { network.set_answer(at, ConnectAnswer::accept); });
      declare(Kind::refuses);
      break;
    case 3:
      sim.at(from, [&network, at] { network.set_answer(at, ConnectAnswer::host_unreachable); });
      sim.at(until, [&network, at] { network.set_answer(at, ConnectAnswer::accept); });
      declare(Kind::unreachable);
      break;
    case 4:
      sim.at(from, [&network, at] { network.reset_connections(at); });
      until = from;
      declare(Kind::resets);
      break;
    case 5: {
      Duration time = until - from;
      sim.at(from, [&network, at, time] { network.stall_connections(at, End::acceptor, time); });
      declare(Kind::stalls);
      break;
    }
    default:
      // A stopped process: its system goes on accepting.
      sim.at(from, [&machine] { machine.freeze(); });
      sim.at(until, [&machine] { machine.thaw(); });
      declare(Kind::stalls);
      break;
  }
}

void plan_restarts(World& world, Dice& dice, Duration span) {
  Instant from = world.sim().now() + dice.between(0s, span / 2);
  Closing how = dice.chance(0.5) ? Closing::reset : Closing::orderly;
  for (std::size_t i = 0; i < world.origins(); ++i) {
    SimMachine& machine = world.machine(i);
    Instant until = from + dice.between(50ms, 2s);
    world.sim().at(from, [&machine, how] { machine.crash(how); });
    world.sim().at(until, [&machine] { machine.restart(); });
    world.declare(
        {.kind = Kind::crashed, .origin = i, .request = {}, .from = from, .until = until});
    from = until + dice.between(0ms, 1s);
  }
}

void plan_goodbye(World& world, Dice& dice, SimHttp2Relay& relay, std::size_t index,
                  Duration span) {
  Instant when = world.sim().now() + dice.between(0s, span);
  world.sim().at(when, [&relay] { relay.say_goodbye(); });
  world.declare(
      {.kind = Kind::says_goodbye, .origin = index, .request = {}, .from = when, .until = when});
}

}  // namespace gg
