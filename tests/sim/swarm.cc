// SPDX-License-Identifier: Apache-2.0
#include "sim/swarm.h"

#include <algorithm>

#include "fault/catalogue.h"

namespace gg {

namespace {

using Kind = Trouble::Kind;
using First = SimBehaviour::First;
using Framing = SimBehaviour::Framing;
using Stop = SimBehaviour::Stop;

/// Requests and incidents begin within this.
constexpr Duration span = 15s;

/// Draws that read as sentences.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : rng_(seed) {}

  bool chance(double probability) { return rng_.chance(probability); }
  std::size_t between(std::size_t least, std::size_t most) {
    return least + rng_.below(most - least + 1);
  }
  Duration between(Duration least, Duration most) {
    auto room = static_cast<std::uint64_t>((most - least).count()) + 1;
    return least + Duration(static_cast<std::int64_t>(rng_.below(room)));
  }
  /// Small ones mostly, large ones now and then.
  std::size_t size(std::size_t most) {
    std::size_t scale = std::size_t{1} << between(0, 20);
    return std::min(between(0, scale), most);
  }
  template <class Value, std::size_t count>
  const Value& one_of(const Value (&values)[count]) {
    return values[rng_.below(count)];
  }
  Rng& rng() { return rng_; }

 private:
  Rng rng_;
};

constexpr std::string_view nonsense[] = {
    "SSH-2.0-OpenSSH_9.2p1\r\n",
    "\x15\x03\x01\x00\x02\x02\x28",
    "HTTP/1.1 200\tOK\r\n\r\n",
    "HTTP/1.1 2000 OK\r\n\r\n",
    "HTTP/2.0 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nno-colon\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked, chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551616\r\n\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "HTTP/1.1 200 OK\r\n",
};

/// One world being made, run and judged. Answers for its origins.
class SwarmRun {
 public:
  explicit SwarmRun(Seed seed)
      : seed_(seed), plan_(plan_of(seed)), dice_(seed.value * 31 + 17), world_(seed, plan_.world) {}

  SwarmResult run() {
    world_.declares_all_troubles();
    configure();
    set_network();
    for (std::size_t i = 0; i < world_.origins(); ++i) set_origin(i);
    for (std::size_t i = 0; i < plan_.sessions; ++i) plan_session();
    plan_gateway_troubles();
    world_.run_for(span);
    world_.gateway_engine().set_descriptors_max(1'000'000);
    return result();
  }

 private:
  class Script final : public SimScript {
   public:
    Script(SwarmRun& run, std::size_t origin) : run_(run), origin_(origin) {}
    SimBehaviour behaviour_for(const SimSeenRequest& request) override {
      return run_.behaviour_of(origin_, request.id).behaviour;
    }

   private:
    SwarmRun& run_;
    std::size_t origin_;
  };
  struct Conduct {
    SimBehaviour behaviour;
    std::vector<Kind> troubles;
  };

  void configure();
  void set_network();
  void set_origin(std::size_t origin);
  void plan_incident(std::size_t origin);
  void plan_session();
  void plan_gateway_troubles();
  SimRequest draw_request();
  void add_client_trouble(SimRequest& request);
  Conduct behaviour_of(std::size_t origin, std::uint64_t id) const;
  Conduct draw_good(Dice& dice, const SwarmOrigin& origin) const;
  static void spoil(Conduct& conduct, Dice& dice);
  SwarmResult result();

  Seed seed_;
  SwarmPlan plan_;
  Dice dice_;
  World world_;
  std::vector<std::unique_ptr<Script>> scripts_;
};

void SwarmRun::configure() {
  constexpr Balance algorithms[] = {Balance::least_time, Balance::least_requests,
                                    Balance::round_robin, Balance::random};
  UpstreamConfig& upstream = world_.upstream();
  upstream.balance.algorithm = dice_.one_of(algorithms);
  upstream.timeouts.connect = dice_.between(500ms, 3s);
  upstream.timeouts.first_byte = dice_.between(2s, 6s);
  upstream.timeouts.idle = dice_.between(2s, 6s);
  upstream.keep_alive.enabled = !dice_.chance(0.1);
  if (dice_.chance(0.2)) upstream.keep_alive.requests = dice_.between(1, 5);
  if (dice_.chance(0.3)) upstream.keep_alive.idle = dice_.between(200ms, 5s);
  if (dice_.chance(0.2)) {
    upstream.retry_budget = {.share = {static_cast<double>(dice_.between(0, 30))},
                             .over = 10s,
                             .floor = {dice_.between(0, 3), 10s}};
  }
  if (dice_.chance(0.2)) upstream.endpoints.back().tier = 2;
  if (dice_.chance(0.3)) upstream.eject.consecutive_faults = 1;
  world_.route().retry.attempts = static_cast<std::uint32_t>(dice_.between(1, 4));
  world_.route().retry.unsafe_methods = dice_.chance(0.05);
  if (!plan_.every_byte && dice_.chance(0.2)) world_.route().timeout = dice_.between(6s, 20s);
  ClientTimeouts& clients = world_.config().timeouts;
  clients.idle = dice_.between(20s, 75s);
  clients.head = 10s;
  clients.body = 10s;
  clients.send = 20s;
}

void SwarmRun::set_network() {
  LinkSettings& link = world_.network().defaults();
  link.latency = dice_.between(50us, 20ms);
  link.jitter = dice_.between(0us, 5ms);
  link.segment_max = std::size_t{1} << dice_.between(6, 14);
  link.split = dice_.rng().fraction() * 0.5;
  link.short_read = dice_.rng().fraction() * 0.5;
  link.short_write = dice_.rng().fraction() * 0.5;
  link.would_block = dice_.rng().fraction() * 0.5;
  // Through a narrow pipe even a healthy exchange may take longer than it is given.
  std::size_t narrowest = world_.route().timeout > Duration::zero() ? 14 : 10;
  link.send_buffer = std::size_t{1} << dice_.between(narrowest, 17);
  link.receive_buffer = std::size_t{1} << dice_.between(narrowest, 17);
  link.every_byte = plan_.every_byte;
  if (!plan_.client_network_fails) return;
  LinkSettings to_gateway = link;
  to_gateway.reset_chance = to_gateway.end_chance = to_gateway.stall_chance = 0.1;
  world_.network().set_link(World::address(), to_gateway);
  world_.declare({.kind = Kind::client_network});
}

// Origins.

void SwarmRun::set_origin(std::size_t index) {
  SimOrigin& origin = world_.origin(index);
  const SwarmOrigin& plan = plan_.origins[index];
  scripts_.push_back(std::make_unique<Script>(*this, index));
  origin.set_script(scripts_.back().get());
  if (plan.closes_idle) {
    origin.settings().idle_close = dice_.between(50ms, 3s);
    if (dice_.chance(0.5)) origin.settings().requests_per_connection = dice_.between(1, 6);
    origin.settings().announces_last = dice_.chance(0.3);
    world_.declare({.kind = Kind::closes_idle, .origin = index});
  }
  if (plan.link_faults > 0) {
    LinkSettings link = world_.network().defaults();
    link.reset_chance = link.end_chance = link.stall_chance = plan.link_faults;
    link.fault_within = std::size_t{1} << dice_.between(6, 17);
    if (dice_.chance(0.5)) link.stall_for = dice_.between(10ms, 10s);
    world_.network().set_link(origin.address(), link);
    for (Kind kind : {Kind::resets, Kind::ends, Kind::stalls}) {
      world_.declare({.kind = kind, .origin = index});
    }
  }
  for (std::size_t i = 0; i < plan.incidents; ++i) plan_incident(index);
}

void SwarmRun::plan_incident(std::size_t index) {
  SimWorld& sim = world_.sim();
  SimOrigin& origin = world_.origin(index);
  SimNetwork& network = world_.network();
  const Address& at = origin.address();
  Instant from = sim.now() + dice_.between(0s, span);
  Instant until = from + dice_.between(10ms, 8s);
  auto declare = [&](Kind kind) {
    world_.declare({.kind = kind, .origin = index, .request = {}, .from = from, .until = until});
  };
  switch (dice_.between(0, 6)) {
    case 0: {
      Closing how = dice_.chance(0.5) ? Closing::reset : Closing::orderly;
      sim.at(from, [&origin, how] { origin.crash(how); });
      sim.at(until, [&origin] { origin.restart(); });
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
      sim.at(from, [&origin] { origin.engine().freeze(); });
      sim.at(until, [&origin] { origin.engine().thaw(); });
      declare(Kind::stalls);
      break;
  }
}

SwarmRun::Conduct SwarmRun::draw_good(Dice& dice, const SwarmOrigin& origin) const {
  Conduct conduct;
  SimBehaviour& good = conduct.behaviour;
  constexpr Framing framings[] = {Framing::sized, Framing::sized, Framing::chunked,
                                  Framing::until_end};
  constexpr int statuses[] = {200, 200, 200, 200, 201, 204, 304, 404, 500};
  good.framing = dice.one_of(framings);
  // Nobody can tell whether a body that ends with its connection was cut short in good order.
  bool may_end_early = origin.link_faults > 0 || origin.incidents > 0;
  if (may_end_early && good.framing == Framing::until_end) good.framing = Framing::sized;
  good.status = dice.one_of(statuses);
  good.body = dice.size(plan_.every_byte ? 2'000 : 200'000);
  if (good.status == 204 || good.status == 304) good.body = 0;
  if (good.status == 304) good.framing = Framing::sized;
  if (dice.chance(0.3)) good.delay = dice.between(0ms, 800ms);
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

void SwarmRun::spoil(Conduct& conduct, Dice& dice) {
  SimBehaviour& bad = conduct.behaviour;
  constexpr int apologies[] = {502, 503, 504};
  if (bad.framing == Framing::until_end) bad.framing = Framing::sized;
  switch (dice.between(0, 7)) {
    case 0:
      bad.hangs = true;
      conduct.troubles = {Kind::never_answers};
      break;
    case 1:
      bad.first = dice.chance(0.5) ? First::reset : First::close;
      conduct.troubles = {Kind::hangs_up};
      break;
    case 2:
      bad.raw = std::string(dice.one_of(nonsense));
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

/// The same whenever it is asked, so that the oracle knows what would have been.
SwarmRun::Conduct SwarmRun::behaviour_of(std::size_t origin, std::uint64_t id) const {
  Dice dice((seed_.value * 1'000'003 + origin) * 1'000'003 + id);
  Conduct conduct = draw_good(dice, plan_.origins[origin]);
  if (dice.chance(plan_.origins[origin].bad_answers)) spoil(conduct, dice);
  return conduct;
}

// Clients.

SimRequest SwarmRun::draw_request() {
  constexpr std::string_view methods[] = {"GET",  "GET", "GET",    "GET",  "HEAD",
                                          "POST", "PUT", "DELETE", "PATCH"};
  SimRequest request{.id = world_.next_id(), .method = std::string(dice_.one_of(methods))};
  bool has_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (has_body) {
    request.body = dice_.size(plan_.every_byte ? 2'000 : 150'000);
    request.chunked = dice_.chance(0.4);
    request.expects_continue = dice_.chance(0.1);
    if (dice_.chance(0.3)) {
      request.piece = dice_.between(*request.body / 20 + 1, *request.body + 1);
      request.pause = dice_.between(0ms, 50ms);
    }
  }
  request.closes = dice_.chance(0.05);
  for (std::size_t i = 0; i < world_.origins(); ++i) {
    for (Kind kind : behaviour_of(i, request.id).troubles) {
      world_.declare({.kind = kind, .origin = i, .request = request.id});
    }
  }
  if (plan_.clients_misbehave) add_client_trouble(request);
  return request;
}

void SwarmRun::add_client_trouble(SimRequest& request) {
  if (dice_.chance(0.1)) {
    request.leaves_after = dice_.between(0ms, 3s);
    world_.declare({.kind = Kind::client_leaves, .origin = {}, .request = request.id});
  }
  if (request.body && *request.body > 4 && dice_.chance(0.1)) {
    request.piece = *request.body / 4;
    request.pause = dice_.between(5s, 15s);
    world_.declare({.kind = Kind::client_dawdles, .origin = {}, .request = request.id});
  }
}

void SwarmRun::plan_session() {
  SimSession session{.gateway = {},
                     .requests = {},
                     .pipeline = dice_.chance(0.2) ? dice_.between(2, 6) : 1,
                     .pause = dice_.chance(0.5) ? dice_.between(0ms, 4s) : 0ms,
                     .patience = plan_.client_network_fails ? Duration(2min) : Duration(1h)};
  std::size_t count = dice_.between(1, plan_.requests_per_session);
  for (std::size_t i = 0; i < count; ++i) session.requests.push_back(draw_request());
  bool somebody_leaves = std::ranges::any_of(
      session.requests, [](const SimRequest& request) { return request.leaves_after.has_value(); });
  for (const SimRequest& request : session.requests) {
    // Who leaves takes along what was sent behind.
    if (!somebody_leaves || session.pipeline == 1) break;
    world_.declare({.kind = Kind::client_leaves, .origin = {}, .request = request.id});
  }
  std::size_t client = dice_.between(0, world_.clients() - 1);
  Duration wait = dice_.between(0s, span - 1s);
  world_.sim().after(wait, [this, client, session] { world_.begin(session, client); });
}

void SwarmRun::plan_gateway_troubles() {
  SimWorld& sim = world_.sim();
  if (plan_.drains) {
    world_.declare({.kind = Kind::drains});
    sim.after(dice_.between(1s, span - 1s), [this] {
      world_.network().stop_listening(World::address());
      world_.drain();
    });
  }
  if (plan_.few_descriptors) {
    world_.declare({.kind = Kind::few_descriptors});
    std::size_t most = dice_.between(3, 12);
    sim.after(dice_.between(0s, span / 2),
              [this, most] { world_.gateway_engine().set_descriptors_max(most); });
  }
  world_.start();
}

SwarmResult SwarmRun::result() {
  SwarmResult result;
  result.complaints = world_.take_complaints();
  result.trace = world_.sim().trace().hash();
  const History& history = world_.history();
  result.requests = history.sent.size();
  for (const SimRequest& request : history.sent) {
    std::string name = "request " + std::to_string(request.id) + " ";
    bool is_named = std::ranges::any_of(result.complaints, [&name](const std::string& complaint) {
      return (complaint + " ").find(name) != std::string::npos ||
             complaint.find(name.substr(0, name.size() - 1) + ":") != std::string::npos;
    });
    if (is_named) result.stories += "\n" + story_of(history, request.id);
  }
  auto add_fault = [&result](Fault fault) {
    bool is_new = std::ranges::find(result.faults, fault) == result.faults.end();
    if (fault != Fault::none && is_new) result.faults.push_back(fault);
  };
  for (const KeptRecord& record : history.records) {
    add_fault(record.fault);
    for (const KeptAttempt& attempt : record.attempts) {
      add_fault(attempt.fault);
      bool was_made_good = attempt.fault != Fault::none && record.fault == Fault::none;
      if (was_made_good) ++result.rescued;
    }
    bool is_error = record.fault != Fault::none && row_of(record.fault).blame != Blame::client;
    if (is_error) ++result.client_errors;
  }
  return result;
}

}  // namespace

SwarmPlan plan_of(Seed seed) {
  Dice dice(seed.value);
  SwarmPlan plan;
  plan.world = {
      .origins = dice.between(1, 5), .clients = dice.between(1, 4), .workers = dice.between(1, 2)};
  bool calm = dice.chance(0.1);
  for (std::size_t i = 0; i < plan.world.origins; ++i) {
    SwarmOrigin origin;
    origin.is_sound = calm || dice.chance(0.4);
    if (!origin.is_sound) {
      if (dice.chance(0.6)) origin.bad_answers = dice.rng().fraction();
      if (dice.chance(0.3)) origin.link_faults = dice.rng().fraction() * 0.2;
      if (dice.chance(0.6)) origin.incidents = dice.between(1, 3);
      origin.closes_idle = dice.chance(0.3);
    }
    plan.origins.push_back(origin);
  }
  plan.sessions = dice.between(1, 12);
  plan.requests_per_session = dice.between(1, 10);
  plan.client_network_fails = dice.chance(0.1);
  plan.clients_misbehave = dice.chance(0.3);
  plan.every_byte = dice.chance(0.05);
  plan.drains = dice.chance(0.05);
  plan.few_descriptors = dice.chance(0.05);
  return plan;
}

std::string text_of(const SwarmPlan& plan) {
  std::string text = std::to_string(plan.world.workers) + " workers, " +
                     std::to_string(plan.sessions) + " sessions of at most " +
                     std::to_string(plan.requests_per_session) + " requests";
  if (plan.client_network_fails) text += ", the clients' network fails";
  if (plan.clients_misbehave) text += ", clients misbehave";
  if (plan.every_byte) text += ", every byte by itself";
  if (plan.drains) text += ", the gateway drains";
  if (plan.few_descriptors) text += ", few descriptors";
  for (std::size_t i = 0; i < plan.origins.size(); ++i) {
    const SwarmOrigin& origin = plan.origins[i];
    text += "\n  origin " + std::to_string(i) + ": ";
    if (origin.is_sound) {
      text += "sound";
      continue;
    }
    text += std::to_string(static_cast<int>(origin.bad_answers * 100)) + " % bad answers, " +
            std::to_string(static_cast<int>(origin.link_faults * 100)) + " % link faults, " +
            std::to_string(origin.incidents) + " incidents";
    if (origin.closes_idle) text += ", closes idle connections";
  }
  return text;
}

SwarmResult run_swarm(Seed seed) { return SwarmRun(seed).run(); }

}  // namespace gg
