// SPDX-License-Identifier: Apache-2.0
// A whole gateway between simulated clients and origins, put together in a few lines. Scenarios and
// the swarm make one; when it ends, every check of checks.h runs without being asked.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/sim/sim_network.h"
#include "gate/worker.h"
#include "support/checks.h"
#include "support/history.h"
#include "support/http2_relay.h"
#include "support/sim_client.h"
#include "support/sim_machine.h"
#include "support/sim_origin.h"
#include "support/sim_talker.h"
#include "support/tls_relay.h"
#include "upstream/checks/health_checks.h"
#include "upstream/members/member_desk.h"

namespace gg {

struct Seed {
  std::uint64_t value = 1;
};

struct WorldSettings {
  std::size_t origins = 2;
  std::size_t clients = 1;
  std::size_t workers = 1;
};

/// A change of an origin's health, as the gateway told it.
struct HealthChange {
  std::optional<std::size_t> origin;
  Standing from = Standing::up;
  Standing to = Standing::up;
  HealthReason reason = HealthReason::none;
  Fault fault = Fault::none;
  Instant at;
};

/// Origins 0, 1 … are the endpoints of one upstream, to which the only route leads. The gateway
/// starts with the first request; what it is told by config() has to be said before.
class World {
 public:
  explicit World(Seed seed, const WorldSettings& settings = {});
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  /// Ends the run, if nobody did, and fails the test for every complaint that was not taken.
  ~World();

  // Before the start
  // ---------------------------------------------------------------------------------

  Config& config() { return *config_; }
  RouteConfig& route() { return config_->routes.front(); }
  UpstreamConfig& upstream() { return config_->upstreams.front(); }
  /// The gateway knows this one by a name, which has no address before resolve().
  void name_origin(std::size_t origin);
  /// The gateway is not told of origins by its configuration, but by find().
  void look_up_origins();
  /// The others get requests only if this one cannot have them.
  void prefer(std::size_t origin);
  /// The gateway reaches this one by TLS alone, which ends in front of it. `context` outlives the
  /// world.
  SimTlsRelay& hide_behind_tls(std::size_t origin, const TlsServerContext& context);
  /// The gateway speaks HTTP/2 with this one, by prior knowledge; all have to be told so. With TLS
  /// around it if it is hidden behind that afterwards.
  SimHttp2Relay& hide_behind_http2(std::size_t origin);
  /// The gateway expects TLS there, and meets a stub.
  void replace_by_stub(std::size_t origin, std::string answer, SimStub::Then then);
  /// Clients of sessions speak TLS with the gateway from now on; those of HTTP/2 agree on that by
  /// ALPN. Returns the relay of the others. Both contexts outlive the world.
  SimTlsRelay& put_tls_in_front(const TlsServerContext& gateway, const TlsClientContext& clients);
  /// Connections must begin with a PROXY header, from anybody.
  void expect_proxy_headers();
  void start();

  // Who is there
  // -------------------------------------------------------------------------------------

  SimWorld& sim() { return sim_; }
  SimNetwork& network() { return sim_.network(); }
  SimOrigin& origin(std::size_t index = 0) { return *origins_[index]; }
  /// That origin and what stands in front of it.
  SimMachine& machine(std::size_t index = 0) { return *machines_[index]; }
  SimClient& client(std::size_t index = 0) { return *clients_[index]; }
  Worker& worker(std::size_t index = 0) { return *workers_[index]; }
  SimEngine& gateway_engine(std::size_t index = 0) { return *engines_[index]; }
  std::size_t origins() const { return origins_.size(); }
  std::size_t clients() const { return clients_.size(); }
  std::size_t workers() const { return workers_.size(); }
  /// Where the gateway listens.
  static Address address();
  /// Where TLS is put on what clients say, after put_tls_in_front().
  static Address clients_address();
  static Address http2_clients_address();
  /// What the name of that origin stands for: `before` and its address.
  void resolve(std::size_t origin, std::vector<Address> before = {});
  /// Its name could not be resolved.
  void fail_to_resolve(std::size_t origin, DnsError error);
  /// Whoever looks up origins has found these, some of them drained, after
  /// look_up_origins().
  MembershipChange find(const std::vector<std::size_t>& origins,
                        const std::vector<std::size_t>& drained = {});
  /// Every origin does this from now on.
  void always(const SimBehaviour& behaviour);

  // Requests
  // -----------------------------------------------------------------------------------------

  std::uint64_t next_id() { return ++last_id_; }
  /// Sends it on a connection of its own and runs until the client has its outcome. Fills in the id
  /// and, into the target, a mark by which the record is found.
  const SimOutcome& ask(SimRequest request);
  /// All requests of one session, likewise.
  std::vector<const SimOutcome*> ask_all(SimSession session);
  /// Begins a session and returns; run() has it happen. The ids of its requests are returned.
  std::vector<std::uint64_t> begin(SimSession session, std::size_t client = 0);
  /// Says these bytes on a connection of their own and runs until the gateway has ended it.
  const Talk& say(std::vector<Saying> sayings);
  /// Likewise; returns at once.
  SimTalker& begin_talk(std::vector<Saying> sayings);
  /// Runs until no client waits for anything. False if that takes longer than two hours.
  bool run();
  void run_for(Duration time) { sim_.run(time); }
  /// Stops accepting, lets exchanges end.
  void drain();

  // Knowledge
  // ----------------------------------------------------------------------------------------

  const std::vector<KeptRecord>& records() const { return history_.records; }
  const KeptRecord& last_record() const;
  /// The only record of that request; fails the test if there is none.
  const KeptRecord& record(std::uint64_t id) const;
  const SimOutcome& outcome(std::uint64_t id) const;
  const std::vector<HealthChange>& health_changes() const { return health_changes_; }
  /// Of the upstream, as all workers share it. After the start.
  PoolHealth& health() { return shared_upstreams_->health(0); }
  /// How often origins saw a request, all together.
  std::size_t times_seen(std::uint64_t id) const;
  void declare(const Trouble& trouble) { history_.troubles.push_back(trouble); }
  void declares_all_troubles() { history_.troubles_are_declared = true; }

  /// Drains, stops everybody, collects the history. Then history() is whole.
  void end();
  const History& history() const { return history_; }
  /// Ends the run; what the checks complain of is the caller's now.
  Complaints take_complaints();

 private:
  class Keeper;
  class HealthKeeper;
  class SeatGiver;

  SimRequest completed(SimRequest request);
  std::optional<std::size_t> origin_named(std::string_view endpoint) const;
  void stand_in_front(std::size_t origin, const Address& at, SimEngine& engine);
  void note_peaks();
  void stop_gateway();
  void stop_people();
  void collect();

  SimWorld sim_;
  std::size_t frames_before_;
  std::shared_ptr<Config> config_;
  CounterSlots route_slots_;
  CounterSlots upstream_slots_;
  std::unique_ptr<Snapshot> snapshot_;
  std::unique_ptr<HealthKeeper> health_keeper_;
  std::unique_ptr<SharedUpstreams> shared_upstreams_;
  std::unique_ptr<SimEngine> checks_engine_;
  std::unique_ptr<HealthChecks> checks_;
  std::unique_ptr<SeatGiver> seat_giver_;
  std::unique_ptr<MemberDesk> members_;
  std::vector<HealthChange> health_changes_;
  std::atomic<std::uint32_t> client_connections_{0};
  std::vector<std::unique_ptr<SimOrigin>> origins_;
  std::vector<std::unique_ptr<SimMachine>> machines_;
  std::vector<std::unique_ptr<SimClient>> clients_;
  std::vector<std::unique_ptr<SimTalker>> talkers_;
  std::vector<std::unique_ptr<SimTlsRelay>> relays_;
  std::vector<std::unique_ptr<SimHttp2Relay>> http2_relays_;
  const TlsServerContext* in_front_ = nullptr;
  bool proxy_protocol_ = false;
  std::vector<std::unique_ptr<SimStub>> stubs_;
  std::vector<std::unique_ptr<Keeper>> keepers_;
  std::vector<std::unique_ptr<SimEngine>> engines_;
  std::vector<std::unique_ptr<Worker>> workers_;
  History history_;
  Complaints complaints_;
  std::uint64_t last_id_ = 0;
  bool has_started_ = false;
  bool has_ended_ = false;
};

}  // namespace gg
