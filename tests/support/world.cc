// SPDX-License-Identifier: Apache-2.0
#include "support/world.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/load.h"
#include "task/frame_pool.h"

namespace gg {

namespace {

/// Far beyond every timeout that a scenario sets; only what hangs for ever takes longer.
constexpr Duration longest_run = 2h;
constexpr std::string_view id_mark = "sim-id=";

Address origin_address(std::size_t index) {
  return Address::v4({10, 2, 0, static_cast<std::uint8_t>(index + 1)}, 3000);
}

std::optional<std::uint64_t> marked_id(std::string_view target) {
  std::size_t mark = target.find(id_mark);
  if (mark == std::string_view::npos) return std::nullopt;
  std::uint64_t id = 0;
  for (char c : target.substr(mark + id_mark.size())) {
    if (c < '0' || c > '9') break;
    id = id * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return id;
}

std::shared_ptr<Config> default_config(std::size_t origins) {
  std::vector<std::string> listen{to_text(World::address())};
  std::vector<std::string> to;
  for (std::size_t i = 0; i < origins; ++i) to.push_back("http://" + to_text(origin_address(i)));
  LoadResult loaded = config_from_command_line(listen, to);
  GG_ASSERT(loaded.has_value());
  auto config = std::make_shared<Config>(*loaded->config);
  config->name = "sim";
  return config;
}

}  // namespace

/// Copies every record of one worker into the history.
class World::Keeper final : public RecordSink {
 public:
  Keeper(World& world, std::size_t worker) : world_(world), worker_(worker) {}

  void finished(const ExchangeRecord& record) override {
    KeptRecord kept{.worker = worker_,
                    .id = marked_id(record.target),
                    .request_id = std::string(record.id.view()),
                    .method = std::string(record.method),
                    .target = std::string(record.target),
                    .fault = record.fault,
                    .message_error = record.message_error,
                    .verdict = record.verdict,
                    .status = record.status,
                    .version = record.version,
                    .upgraded = record.upgraded,
                    .continued = record.continued,
                    .committed = record.committed,
                    .started_at = record.started_at,
                    .ended_at = world_.sim().now(),
                    .attempts_made = record.attempts_made(),
                    .attempts = {},
                    .request_body_bytes = record.request_body_bytes,
                    .response_body_bytes = record.response_body_bytes};
    for (std::size_t i = 0; i < record.attempts_recorded(); ++i) {
      kept.attempts.push_back(copy_of(record.attempt(i)));
    }
    world_.history_.records.push_back(std::move(kept));
  }

 private:
  KeptAttempt copy_of(const AttemptRecord& attempt) const {
    KeptAttempt kept{.origin = std::nullopt,
                     .fault = attempt.fault,
                     .delivery = attempt.delivery,
                     .verdict = attempt.verdict,
                     .status = attempt.status,
                     .connection_id = attempt.connection_id,
                     .bytes_written = attempt.bytes_written,
                     .bytes_read = attempt.bytes_read,
                     .reused = attempt.reused,
                     .hedge = attempt.hedge,
                     .lost = attempt.lost,
                     .started = attempt.started,
                     .first_byte = attempt.first_byte,
                     .total = attempt.total};
    kept.origin = world_.origin_named(attempt.endpoint);
    return kept;
  }

  World& world_;
  std::size_t worker_;
};

/// Keeps every change of health, and lets the checks know of it.
class World::HealthKeeper final : public HealthListener {
 public:
  explicit HealthKeeper(World& world) : world_(world) {}

  void health_changed(const HealthEvent& event) override {
    HealthChange change{.origin = world_.origin_named(event.endpoint),
                        .from = event.from.standing,
                        .to = event.to.standing,
                        .reason = event.to.reason,
                        .fault = event.fault,
                        .at = event.now};
    world_.health_changes_.push_back(change);
    if (world_.checks_ != nullptr) world_.checks_->wake();
  }

 private:
  World& world_;
};

/// Has every worker and the checks do at once what others send messages for.
class World::SeatGiver final : public SeatKeeper {
 public:
  explicit SeatGiver(World& world) : world_(world) {}

  void seat(std::size_t upstream, std::size_t seat, const EndpointConfig& endpoint) override {
    alter(upstream, seat, endpoint);
    world_.checks_->add(upstream, seat, endpoint.url);
  }
  void alter(std::size_t upstream, std::size_t seat, const EndpointConfig& endpoint) override {
    for (const auto& worker : world_.workers_)
      worker->upstreams().at(upstream).seat(seat, endpoint);
  }
  void unseat(std::size_t upstream, std::size_t seat) override {
    for (const auto& worker : world_.workers_) worker->upstreams().at(upstream).unseat(seat);
    world_.checks_->remove(upstream, seat);
  }
  void ask_release(std::size_t upstream, std::size_t seat, std::uint32_t turn) override {
    bool is_unused = std::ranges::all_of(world_.workers_, [&](const auto& worker) {
      return worker->upstreams().at(upstream).endpoints()[seat]->is_unused();
    });
    if (is_unused) world_.members_->released(upstream, seat, turn);
  }

 private:
  World& world_;
};

World::World(Seed seed, const WorldSettings& settings)
    : sim_(seed.value),
      frames_before_(frame_counters().live),
      config_(default_config(settings.origins)) {
  network().listen(address());
  for (std::size_t i = 0; i < settings.origins; ++i) {
    origins_.push_back(std::make_unique<SimOrigin>(sim_, i, origin_address(i)));
    machines_.push_back(std::make_unique<SimMachine>(network(), *origins_.back()));
  }
  for (std::size_t i = 0; i < settings.clients; ++i) {
    clients_.push_back(std::make_unique<SimClient>(sim_));
  }
  for (std::size_t i = 0; i < settings.workers; ++i) {
    engines_.push_back(std::make_unique<SimEngine>(sim_));
    keepers_.push_back(std::make_unique<Keeper>(*this, i));
  }
  history_.origins = settings.origins;
  history_.workers = settings.workers;
  history_.began = sim_.now();
}

World::~World() {
  end();
  for (const std::string& complaint : complaints_) {
    ADD_FAILURE() << complaint << " (seed " << sim_.seed() << ")";
  }
}

Address World::address() { return Address::v4({10, 0, 0, 1}, 8080); }

Address World::clients_address() { return Address::v4({10, 0, 1, 1}, 8080); }

Address World::http2_clients_address() { return Address::v4({10, 0, 1, 1}, 8082); }

void World::always(const SimBehaviour& behaviour) {
  for (const std::unique_ptr<SimOrigin>& origin : origins_) origin->always(behaviour);
}

void World::start() {
  if (has_started_) return;
  has_started_ = true;
  snapshot_ = std::make_unique<Snapshot>(config_, 1, route_slots_, upstream_slots_);
  health_keeper_ = std::make_unique<HealthKeeper>(*this);
  shared_upstreams_ =
      std::make_unique<SharedUpstreams>(*config_, nullptr, health_keeper_.get(), sim_.now());
  Result<TlsClientContexts, CertificateProblem> contexts = make_client_contexts(*config_);
  GG_ASSERT(contexts.has_value());
  shared_upstreams_->use(std::move(*contexts));
  checks_engine_ = std::make_unique<SimEngine>(sim_);
  checks_ = std::make_unique<HealthChecks>(*checks_engine_, *config_, snapshot_->head_limits(),
                                           *shared_upstreams_);
  checks_->start();
  seat_giver_ = std::make_unique<SeatGiver>(*this);
  members_ = std::make_unique<MemberDesk>(*config_, *shared_upstreams_, *seat_giver_);
  WorkerShared shared{.snapshot = *snapshot_,
                      .upstreams = *shared_upstreams_,
                      .client_connections = client_connections_};
  for (std::size_t i = 0; i < engines_.size(); ++i) {
    workers_.push_back(std::make_unique<Worker>(*engines_[i], shared, keepers_[i].get()));
    Result<void, IoError> listens = workers_.back()->listen({.descriptor = -1,
                                                             .address = address(),
                                                             .name = "sim",
                                                             .proxy_protocol = proxy_protocol_,
                                                             .tls = in_front_});
    GG_ASSERT(listens.has_value());
  }
  const RetryConfig& retry = route().retry;
  const RetryBudgetConfig& budget = upstream().retry_budget;
  history_.rules = {.attempts = retry.attempts,
                    .unsafe_methods = retry.unsafe_methods,
                    .idempotency_key = retry.idempotency_key,
                    .continues = retry.continues,
                    .budget_share = budget.share.fraction(),
                    .hedge_share = route().hedge.at_most.fraction(),
                    .budget_floor_per_second = budget.floor.per_second(),
                    .budget_over = budget.over};
}

// Requests.

SimRequest World::completed(SimRequest request) {
  if (request.id == 0) request.id = next_id();
  bool has_query = request.target.find('?') != std::string::npos;
  bool may_be_marked = request.target != "*" && !marked_id(request.target);
  if (may_be_marked) {
    request.target += (has_query ? "&" : "?") + std::string(id_mark) + std::to_string(request.id);
  }
  history_.sent.push_back(request);
  return request;
}

std::vector<std::uint64_t> World::begin(SimSession session, std::size_t client) {
  start();
  session.gateway = address();
  if (in_front_ != nullptr) {
    session.gateway = session.http2 ? http2_clients_address() : clients_address();
  }
  std::vector<std::uint64_t> ids;
  for (SimRequest& request : session.requests) {
    request = completed(std::move(request));
    ids.push_back(request.id);
  }
  clients_[client]->start(std::move(session));
  return ids;
}

void World::note_peaks() {
  std::size_t bytes = 0;
  std::size_t sessions = 0;
  for (const std::unique_ptr<SimEngine>& engine : engines_) bytes += engine->buffers().bytes_lent();
  for (const std::unique_ptr<Worker>& worker : workers_) sessions += worker->sessions();
  history_.buffer_bytes_peak = std::max(history_.buffer_bytes_peak, bytes);
  history_.sessions_peak = std::max(history_.sessions_peak, sessions);
}

bool World::run() {
  auto all_idle = [this] {
    note_peaks();
    return std::ranges::all_of(clients_, [](const auto& client) { return client->is_idle(); }) &&
           std::ranges::all_of(talkers_, [](const auto& talker) { return talker->is_over(); });
  };
  bool in_time = sim_.run_until(all_idle, longest_run) == SimWorld::Ended::done;
  if (!in_time) history_.came_to_rest = false;
  return in_time;
}

std::vector<const SimOutcome*> World::ask_all(SimSession session) {
  std::vector<const SimOutcome*> outcomes;
  for (std::uint64_t id : begin(std::move(session))) {
    run();
    outcomes.push_back(&outcome(id));
  }
  return outcomes;
}

const SimOutcome& World::ask(SimRequest request) {
  std::vector<SimRequest> one;
  one.push_back(std::move(request));
  return *ask_all({.gateway = {}, .requests = std::move(one)}).front();
}

void World::drain() {
  for (const std::unique_ptr<Worker>& worker : workers_) worker->drain();
}

SimTalker& World::begin_talk(std::vector<Saying> sayings) {
  start();
  history_.has_talkers = true;
  talkers_.push_back(std::make_unique<SimTalker>(sim_, address(), std::move(sayings)));
  return *talkers_.back();
}

const Talk& World::say(std::vector<Saying> sayings) {
  SimTalker& talker = begin_talk(std::move(sayings));
  run();
  return talker.talk();
}

// Knowledge.

const KeptRecord& World::last_record() const {
  static const KeptRecord nothing{.attempts = {KeptAttempt{}}};
  if (records().empty()) ADD_FAILURE() << "nothing is on record";
  return records().empty() ? nothing : records().back();
}

const KeptRecord& World::record(std::uint64_t id) const {
  static const KeptRecord nothing;
  const KeptRecord* found = record_of(history_, id);
  if (found == nullptr) ADD_FAILURE() << "no record of request " << id;
  return found == nullptr ? nothing : *found;
}

const SimOutcome& World::outcome(std::uint64_t id) const {
  static const SimOutcome nothing;
  for (const std::unique_ptr<SimClient>& client : clients_) {
    for (const SimOutcome& outcome : client->outcomes()) {
      if (outcome.id == id) return outcome;
    }
  }
  ADD_FAILURE() << "no outcome of request " << id;
  return nothing;
}

std::size_t World::times_seen(std::uint64_t id) const {
  std::size_t times = 0;
  for (const std::unique_ptr<SimOrigin>& origin : origins_) times += origin->times_seen(id);
  return times;
}

// The end.

void World::stop_gateway() {
  network().stop_listening(address());
  drain();
  checks_->stop();
  auto stopped = [this] {
    return checks_->is_stopped() &&
           std::ranges::all_of(workers_, [](const auto& worker) { return worker->is_stopped(); });
  };
  if (sim_.run_until(stopped, longest_run) != SimWorld::Ended::done) {
    for (const std::unique_ptr<Worker>& worker : workers_) {
      history_.left.sessions_cut += worker->sessions();
      worker->cut();
    }
    bool even_then = sim_.run_until(stopped, longest_run) == SimWorld::Ended::done;
    GG_ASSERT(even_then);
  }
  for (const std::unique_ptr<Worker>& worker : workers_) {
    worker->upstreams().close_idle();
    const UpstreamCounters& counters =
        worker->counters().upstream(snapshot_->upstream_slots().front());
    history_.left.client_connections += worker->counters().client_connections_active.read();
    history_.left.upstream_connections +=
        counters.connections_active.read() + counters.connections_idle.read();
  }
  history_.left.client_connections += client_connections_.load();
  if (shared_upstreams_ != nullptr) {
    history_.left.upstream_connections += shared_upstreams_->connections(0).load();
  }
  workers_.clear();
  history_.left.gateway_sockets += checks_engine_->open_sockets();
  history_.left.gateway_buffer_bytes += checks_engine_->buffers().bytes_lent();
  for (const std::unique_ptr<SimEngine>& engine : engines_) {
    history_.left.gateway_sockets += engine->open_sockets();
    history_.left.gateway_buffer_bytes += engine->buffers().bytes_lent();
  }
}

void World::stop_people() {
  network().heal(address());
  for (std::size_t i = 0; i < origins_.size(); ++i) {
    // What stands still would keep an origin waiting for ever.
    machines_[i]->heal();
    machines_[i]->thaw();
    origins_[i]->stop();
  }
  for (const std::unique_ptr<SimTlsRelay>& relay : relays_) relay->stop();
  for (const std::unique_ptr<SimHttp2Relay>& relay : http2_relays_) relay->stop();
  for (const std::unique_ptr<SimStub>& stub : stubs_) stub->stop();
  auto over = [this] {
    auto is_over = [](const auto& one) { return one->is_over(); };
    return std::ranges::all_of(origins_, is_over) && std::ranges::all_of(relays_, is_over) &&
           std::ranges::all_of(http2_relays_, is_over) && std::ranges::all_of(stubs_, is_over);
  };
  if (sim_.run_until(over, longest_run) != SimWorld::Ended::done) history_.came_to_rest = false;
  sim_.run(longest_run);
  history_.left.network_connections = network().connections_open();
  history_.left.frames = frame_counters().live - frames_before_;
}

void World::collect() {
  for (const std::unique_ptr<SimClient>& client : clients_) {
    history_.stray_bytes += client->stray_bytes();
    for (const SimOutcome& outcome : client->outcomes()) history_.outcomes.push_back(&outcome);
  }
  for (std::size_t i = 0; i < origins_.size(); ++i) {
    for (const SimSeenRequest& request : origins_[i]->requests()) {
      bool is_check = request.id == 0 && request.target == upstream().health.get;
      if (is_check) continue;
      history_.seen.push_back({.origin = i, .request = &request});
    }
    for (const std::string& complaint : origins_[i]->complaints()) {
      history_.origin_complaints.push_back(complaint);
    }
  }
}

void World::end() {
  if (has_ended_) return;
  start();
  run();
  has_ended_ = true;
  history_.ended = sim_.now();
  stop_gateway();
  stop_people();
  collect();
  complaints_ = check_all(history_);
}

Complaints World::take_complaints() {
  end();
  return std::exchange(complaints_, {});
}

}  // namespace gg
