// SPDX-License-Identifier: Apache-2.0
#include "sim/swarm.h"

#include <algorithm>

#include "fault/catalogue.h"
#include "sim/dice.h"
#include "sim/nonsense.h"
#include "sim/swarm_conduct.h"
#include "sim/swarm_incidents.h"
#include "sim/swarm_speech.h"

namespace gg {

namespace {

using Kind = Trouble::Kind;

/// Requests and incidents begin within this.
constexpr Duration span = 15s;

/// One world being made, run and judged. Answers for its origins.
class SwarmRun {
 public:
  explicit SwarmRun(Seed seed)
      : seed_(seed), plan_(plan_of(seed)), dice_(seed.value * 31 + 17), world_(seed, plan_.world) {}

  SwarmResult run() {
    world_.declares_all_troubles();
    configure();
    set_network();
    relays_ = set_speech(world_, plan_, seed_);
    for (std::size_t i = 0; i < world_.origins(); ++i) set_origin(i);
    if (plan_.restarts_in_turn) plan_restarts(world_, dice_, span);
    for (std::size_t i = 0; i < plan_.sessions; ++i) plan_session();
    for (std::size_t i = 0; i < plan_.strangers; ++i) plan_stranger();
    plan_slow_readers();
    plan_gateway_troubles();
    world_.run_for(span);
    world_.gateway_engine().set_descriptors_max(1'000'000);
    world_.gateway_engine().set_ports_max(28'000);
    return result();
  }

 private:
  class Script final : public SimScript {
   public:
    Script(SwarmRun& run, std::size_t origin) : run_(run), origin_(origin) {}
    SimBehaviour behaviour_for(const SimSeenRequest& request) override {
      // Strangers, who say what they like, are answered well.
      if (request.id == 0) return {};
      return conduct_of(run_.seed_, run_.plan_, origin_, request.id).behaviour;
    }

   private:
    SwarmRun& run_;
    std::size_t origin_;
  };

  void configure();
  void set_network();
  void set_origin(std::size_t origin);
  void set_http2(SimHttp2Relay& relay, std::size_t origin);
  void plan_name(std::size_t origin);
  void plan_session();
  void plan_slow_readers();
  void plan_stranger();
  void plan_gateway_troubles();
  SimRequest draw_request();
  void add_client_trouble(SimRequest& request);
  SwarmResult result();

  Seed seed_;
  SwarmPlan plan_;
  Dice dice_;
  World world_;
  std::vector<std::unique_ptr<Script>> scripts_;
  std::vector<SimHttp2Relay*> relays_;  // of each origin, or none
  std::uint64_t sessions_ = 0;          // planned so far
};

void SwarmRun::configure() {
  constexpr Balance algorithms[] = {Balance::least_time, Balance::least_requests,
                                    Balance::round_robin, Balance::random};
  UpstreamConfig& upstream = world_.upstream();
  upstream.balance.algorithm = dice_.one_of(algorithms);
  place_requests(seed_, world_.config());
  upstream.timeouts.connect = dice_.between(500ms, 3s);
  // Byte by byte even the head of a slow origin takes its time.
  Duration shortest = plan_.every_byte ? 6s : 2s;
  upstream.timeouts.first_byte = dice_.between(shortest, shortest + 4s);
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
  world_.route().retry.idempotency_key = seed_.value % 3 == 0;
  world_.route().retry.continues = plan_.continues;
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
  // A large body in tiny segments takes long to simulate and shows no more than a small one.
  link.segment_max = std::max(std::size_t{1} << dice_.between(6, 14), plan_.body_max / 256);
  link.split = dice_.rng().fraction() * 0.5;
  link.short_read = dice_.rng().fraction() * 0.5;
  link.short_write = dice_.rng().fraction() * 0.5;
  link.would_block = dice_.rng().fraction() * 0.5;
  // Through a narrow pipe even a healthy exchange may take longer than it is given.
  std::size_t narrowest = world_.route().timeout > Duration::zero() ? 14 : 10;
  link.send_buffer = std::size_t{1} << dice_.between(narrowest, 17);
  link.receive_buffer = std::size_t{1} << dice_.between(narrowest, 17);
  // Streams of HTTP/2 share one.
  bool is_shared = std::ranges::any_of(plan_.origins, speaks_http2, &SwarmOrigin::speech);
  if (is_shared) {
    link.send_buffer = std::max(link.send_buffer, std::size_t{1} << 14);
    link.receive_buffer = std::max(link.receive_buffer, std::size_t{1} << 14);
  }
  link.every_byte = plan_.every_byte;
  // What was handed to a wide buffer before a narrow one is on its way for long, and no origin
  // answers before all of it has come.
  auto windows = static_cast<int>(link.send_buffer / link.receive_buffer);
  Duration on_its_way = 2 * windows * (link.latency + link.jitter);
  Duration& first_byte = world_.upstream().timeouts.first_byte;
  first_byte = std::max(first_byte, 2s + 2 * on_its_way);
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
    if (dice_.chance(0.3)) origin.settings().closes_at_next = dice_.rng().fraction();
    world_.declare({.kind = Kind::closes_idle, .origin = index});
  }
  if (plan.link_faults > 0) {
    LinkSettings link = world_.network().defaults();
    link.reset_chance = link.end_chance = link.stall_chance = plan.link_faults;
    link.fault_within = std::size_t{1} << dice_.between(6, 17);
    if (dice_.chance(0.5)) link.stall_for = dice_.between(10ms, 10s);
    world_.network().set_link(world_.machine(index).door(), link);
    for (Kind kind : {Kind::resets, Kind::ends, Kind::stalls}) {
      world_.declare({.kind = kind, .origin = index});
    }
  }
  origin.settings().slots = plan.slots;
  if (plan.is_named) plan_name(index);
  for (std::size_t i = 0; i < plan.incidents; ++i) plan_incident(world_, dice_, index, span);
  if (relays_[index] != nullptr) set_http2(*relays_[index], index);
}

void SwarmRun::set_http2(SimHttp2Relay& relay, std::size_t index) {
  Dice dice(seed_.value * 31 + 25 + (index << 32U));
  if (dice.chance(0.3))
    relay.settings().streams_max = static_cast<std::uint32_t>(dice.between(1, 8));
  Duration idle = world_.origin(index).settings().idle_close;
  if (idle > Duration::zero()) relay.settings().idle = idle;
  for (std::size_t i = 0; i < plan_.origins[index].goodbyes; ++i) {
    plan_goodbye(world_, dice, relay, index, span);
  }
}

void SwarmRun::plan_name(std::size_t index) {
  constexpr DnsError errors[] = {DnsError::timeout, DnsError::no_such_name,
                                 DnsError::server_failure, DnsError::no_address,
                                 DnsError::no_resolver};
  SimWorld& sim = world_.sim();
  DnsError error = dice_.one_of(errors);
  Instant found = sim.now() + dice_.between(1ms, 5s);
  world_.name_origin(index);
  sim.after(0s, [this, index, error] { world_.fail_to_resolve(index, error); });
  sim.at(found, [this, index] { world_.resolve(index); });
  world_.declare({.kind = Kind::unresolved, .origin = index, .request = {}, .until = found});
  if (!dice_.chance(0.5)) return;
  // Later the name has a new address, behind which there is nobody, before the old one.
  Instant moved = found + dice_.between(1ms, 8s);
  Instant until = moved + dice_.between(1ms, 8s);
  Address nobody = Address::v4({10, 2, 1, static_cast<std::uint8_t>(index + 1)},
                               world_.machine(index).door().port);
  sim.at(moved, [this, index, nobody] { world_.resolve(index, {nobody}); });
  sim.at(until, [this, index] { world_.resolve(index); });
  for (Kind kind : {Kind::refuses, Kind::closes_idle}) {
    world_.declare({.kind = kind, .origin = index, .request = {}, .from = moved, .until = until});
  }
}

// Clients.

SimRequest SwarmRun::draw_request() {
  constexpr std::string_view methods[] = {"GET",  "GET", "GET",    "GET",  "HEAD",
                                          "POST", "PUT", "DELETE", "PATCH"};
  SimRequest request{.id = world_.next_id(), .method = std::string(dice_.one_of(methods))};
  bool has_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (has_body) {
    request.body = dice_.size(plan_.body_max);
    request.chunked = dice_.chance(0.4);
    request.expects_continue = dice_.chance(0.1);
    if (dice_.chance(0.3)) {
      request.piece = dice_.between(*request.body / 20 + 1, *request.body + 1);
      request.pause = dice_.between(0ms, 50ms);
    }
  }
  if (request.id % 4 == 0) request.fields.push_back({"idempotency-key", "\"sim\""});
  request.closes = dice_.chance(0.05);
  std::string cookie = cookie_of_request(seed_, request.id, world_.upstream());
  if (!cookie.empty()) request.fields.push_back({"Cookie", std::move(cookie)});
  for (std::size_t i = 0; i < world_.origins(); ++i) {
    for (Kind kind : conduct_of(seed_, plan_, i, request.id).troubles) {
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
  session.http2 = Dice(seed_.value * 31 + 23 + (++sessions_ << 32U)).chance(plan_.http2);
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

/// Far from what the gateway's patience with clients is: nobody may suffer.
void SwarmRun::plan_slow_readers() {
  for (std::size_t i = dice_.between(0, 3); i > 0; --i) {
    Duration wait = dice_.between(1ms, 2s);
    End from = dice_.chance(0.5) ? End::acceptor : End::connector;
    world_.sim().after(dice_.between(0s, span), [this, from, wait] {
      world_.network().stall_connections(World::address(), from, wait);
    });
  }
}

void SwarmRun::plan_stranger() {
  const ClientNonsense& nonsense = dice_.one_of(client_nonsense());
  Saying::Then then = nonsense.ends_sending ? Saying::Then::ends_sending : Saying::Then::waits;
  if (dice_.chance(0.1)) then = Saying::Then::resets;
  // At once, or with a pause somewhere.
  std::size_t first = dice_.chance(0.5) ? nonsense.bytes.size() : nonsense.bytes.size() / 2;
  std::vector<Saying> sayings = {
      {.bytes = nonsense.bytes.substr(0, first)},
      {.bytes = nonsense.bytes.substr(first), .before = dice_.between(0ms, 1s), .then = then}};
  world_.declare({.kind = Kind::client_nonsense});
  world_.sim().after(dice_.between(0s, span - 1s),
                     [this, sayings = std::move(sayings)] { world_.begin_talk(sayings); });
}

void SwarmRun::plan_gateway_troubles() {
  SimWorld& sim = world_.sim();
  if (plan_.few_ports) {
    world_.declare({.kind = Kind::few_ports});
    std::size_t most = dice_.between(1, 6);
    sim.after(dice_.between(0s, span / 2),
              [this, most] { world_.gateway_engine().set_ports_max(most); });
  }
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

SwarmResult run_swarm(Seed seed) { return SwarmRun(seed).run(); }

}  // namespace gg
