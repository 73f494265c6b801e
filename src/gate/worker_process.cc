// SPDX-License-Identifier: Apache-2.0
// The worker process: a worker thread per core, and this one, the control thread, for whatever is
// not per request.
#include "gate/worker_process.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <optional>

#include "admin/admin_server.h"
#include "admin/record_json.h"
#include "dns/cares_resolver.h"
#include "engine/epoll/process_clock.h"
#include "gate/control.h"
#include "gate/descriptors.h"
#include "gate/discovery_desk.h"
#include "gate/health_news.h"
#include "gate/history_keeper.h"
#include "gate/limit_share.h"
#include "gate/log_outlet.h"
#include "gate/name_watch.h"
#include "gate/operator_desk.h"
#include "gate/password_thread.h"
#include "gate/status_source.h"
#include "gate/tls_news.h"
#include "gate/traffic_watch.h"
#include "gate/worker_pulse.h"
#include "gate/worker_thread.h"
#include "report/trace_exporter.h"
#include "upstream/checks/health_checks.h"

namespace gg {

namespace {

constexpr Duration control_interval = 50ms;
/// How long clients without a request may stay with a worker process that others have replaced.
constexpr Duration retired_idle_time = 5s;
constexpr Duration first_lookup_patience = 1s;
/// How long an operator who is connected already may take to ask.
constexpr Duration admin_patience = 1s;
/// How long a slow disk may delay the moment from which this process is ready.
constexpr Duration history_patience = 1s;
/// How long the collector may take for what was recorded last.
constexpr Duration last_traces_patience = 2s;

std::uint32_t threads_for(const Config& config) {
  if (config.threads != 0) return config.threads;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<std::uint32_t>(std::max(CPU_COUNT(&cores), 1));
}

bool complain_of(const CertificateProblem& problem) {
  std::fprintf(stderr, "goodgate: %s: %s; %s\n", problem.file.c_str(), problem.problem.c_str(),
               problem.remedy.c_str());
  return false;
}

/// One worker process from start to end.
class WorkerProcess {
 public:
  explicit WorkerProcess(WorkerProcessSettings settings)
      : settings_(std::move(settings)),
        snapshot_(settings_.config, 1, routes_, upstream_names_),
        shared_upstreams_(*settings_.config, settings_.health, &health_news_, process_now()),
        tickets_(settings_.tickets),
        log_(settings_.config->log) {}

  int run();

 private:
  bool load_certificates();
  bool make_workers();
  void look_names_up();
  bool start_workers();
  std::vector<WorkerListener> listeners() const;
  enum class Order : std::uint8_t { none, retire, drain };
  Order latest_order();
  void start_services();
  void send_last_traces();
  void stop_services();
  void open_history();
  HistoryStatus without_history() const;
  void turn();
  void take_records();
  void take_traces();
  Moment moment() const { return {.now = engine_->now(), .wall = engine_->wall_now()}; }
  void tell_tls_news();
  bool all_are(WorkerThread::Phase phase) const;
  void drain(Order order);

  WorkerProcessSettings settings_;
  CounterSlots routes_;
  CounterSlots upstream_names_;
  Snapshot snapshot_;
  HealthNews health_news_;
  SharedUpstreams shared_upstreams_;
  std::atomic<std::uint32_t> client_connections_{0};
  std::optional<ClientCounts> client_counts_;  // of the workers below
  std::optional<PasswordThread> passwords_;    // likewise
  TicketKeys tickets_;
  TlsServerContexts in_front_;  // by listener
  std::unique_ptr<TlsClientContext> etcd_tls_;
  std::optional<TlsNews> tls_news_;
  LogOutlet log_;
  std::unique_ptr<EpollEngine> engine_;
  std::vector<std::unique_ptr<WorkerThread>> workers_;
  std::optional<HistoryKeeper> history_;
  FlightDesk flights_{*settings_.config, upstream_names_};
  TrafficWatch traffic_{workers_};
  std::optional<EventFeed> events_;
  std::optional<OperatorDesk> orders_;
  std::optional<WorkerPulse> pulse_;
  std::optional<StatusSource> status_;
  std::optional<AdminServer> admin_;
  std::optional<CaresResolver> resolver_;
  std::optional<HealthChecks> checks_;
  std::optional<NameWatch> names_;
  std::optional<DiscoveryDesk> discovery_;
  std::optional<TraceExporter> traces_;
  std::optional<LimitShare> limit_share_;
};

std::vector<WorkerListener> WorkerProcess::listeners() const {
  std::vector<WorkerListener> all;
  for (const ListeningSocket& socket : settings_.listeners) {
    all.push_back({.descriptor = socket.descriptor,
                   .address = socket.address,
                   .name = to_text(socket.address),
                   .http2 = settings_.config->listeners[socket.listener].http2,
                   .proxy_protocol = settings_.config->listeners[socket.listener].proxy_protocol,
                   .tls = in_front_[socket.listener].get()});
  }
  return all;
}

/// What the supervisor has found good a moment ago.
bool WorkerProcess::load_certificates() {
  Result<TlsClientContexts, CertificateProblem> behind = make_client_contexts(*settings_.config);
  if (!behind) return complain_of(behind.error());
  shared_upstreams_.use(std::move(*behind));
  Result<std::unique_ptr<TlsClientContext>, CertificateProblem> etcd =
      make_etcd_context(*settings_.config);
  if (!etcd) return complain_of(etcd.error());
  etcd_tls_ = std::move(*etcd);
  Result<TlsServerContexts, CertificateProblem> in_front =
      make_server_contexts(*settings_.config, tickets_);
  if (!in_front) return complain_of(in_front.error());
  in_front_ = std::move(*in_front);
  std::vector<CertificateExpiry> expiries;
  for (const std::unique_ptr<TlsServerContext>& context : in_front_) {
    if (context == nullptr) continue;
    expiries.insert(expiries.end(), context->expiries().begin(), context->expiries().end());
  }
  tls_news_.emplace(std::move(expiries));
  return true;
}

bool WorkerProcess::make_workers() {
  const ClientLimits& limits = settings_.config->limits;
  WorkerShared shared{
      .snapshot = snapshot_,
      .upstreams = shared_upstreams_,
      .client_connections = client_connections_,
      .client_connections_max = clients_that_fit(limits.connections, descriptor_limit())};
  if (limits.connections_per_client > 0) {
    Rng& rng = engine_->rng();
    client_counts_.emplace(limits.connections_per_client, shared.client_connections_max,
                           SipKey{.low = rng.next(), .high = rng.next()});
    shared.client_counts = &*client_counts_;
  }
  bool asks_for_passwords = std::ranges::any_of(
      settings_.config->routes,
      [](const RouteConfig& route) { return route.rules.basic_auth.has_value(); });
  if (asks_for_passwords) shared.passwords = &passwords_.emplace();
  for (std::uint32_t i = 0; i < threads_for(*settings_.config); ++i) {
    Result<std::unique_ptr<WorkerThread>, IoError> worker =
        WorkerThread::make(shared, log_.writer());
    if (!worker) {
      workers_.clear();
      return false;
    }
    workers_.push_back(std::move(*worker));
  }
  return true;
}

/// Before the first client is let in: else its request would meet an endpoint without an address.
/// Name servers that do not answer delay the start by a second and no more.
void WorkerProcess::look_names_up() {
  resolver_.emplace(*engine_);
  checks_.emplace(*engine_, snapshot_.config(), snapshot_.head_limits(), shared_upstreams_);
  checks_->start();
  names_.emplace(*engine_, *resolver_, snapshot_.config(), workers_, &*checks_, &shared_upstreams_);
  health_news_.tell(&flights_, &*events_);
  names_->tell(&flights_);
  names_->start();
  discovery_.emplace(DiscoveryFacts{.engine = *engine_,
                                    .config = snapshot_.config(),
                                    .shared = shared_upstreams_,
                                    .workers = workers_,
                                    .checks = *checks_,
                                    .names = *names_,
                                    .resolver = *resolver_,
                                    .flights = flights_,
                                    .events = *events_,
                                    .limits = snapshot_.head_limits(),
                                    .etcd_tls = etcd_tls_.get(),
                                    .notes = settings_.members});
  health_news_.wake(&*checks_, &*names_, &*discovery_);
  discovery_->start();
  // The names of endpoints that are discovered are looked up, too.
  auto all_is_known = [this] { return discovery_->is_settled() && names_->is_settled(); };
  if (settings_.config->traces.collector) {
    traces_.emplace(*engine_, *resolver_, settings_.config->traces, snapshot_.head_limits(),
                    otlp::this_process(settings_.config->traces.service));
    traces_->start();
  }
  if (settings_.config->redis) {
    limit_share_.emplace(*engine_, *resolver_, *settings_.config->redis,
                         shared_limits_of(snapshot_));
    limit_share_->start();
  }
  Deadline patience = Deadline::after(engine_->now(), first_lookup_patience);
  while (!all_is_known() && !patience.has_passed(engine_->now())) engine_->turn(10ms);
  discovery_->recall();
}

bool WorkerProcess::start_workers() {
  for (const std::unique_ptr<WorkerThread>& worker : workers_) worker->start(listeners());
  while (!all_are(WorkerThread::Phase::accepting)) {
    turn();
    for (const std::unique_ptr<WorkerThread>& worker : workers_) {
      if (worker->phase() == WorkerThread::Phase::failed) return false;
    }
  }
  return true;
}

bool WorkerProcess::all_are(WorkerThread::Phase phase) const {
  return std::ranges::all_of(workers_,
                             [phase](const auto& worker) { return worker->phase() == phase; });
}

void WorkerProcess::turn() {
  engine_->turn(all_are(WorkerThread::Phase::starting) ? 1ms : log_.next_pump(control_interval));
  log_.pump();
  take_records();
  take_traces();
  traffic_.pump(engine_->now(), engine_->wall_now());
  pulse_->pump(engine_->now());
  if (discovery_) discovery_->pump();
  tell_tls_news();
}

void WorkerProcess::take_records() {
  flights_.pump(workers_, moment());
  for (const std::string& line : flights_.take_lines()) {
    std::fprintf(stderr, "goodgate: %s\n", line.c_str());
    events_->tell({.at = {}, .kind = "incident", .upstream = {}, .endpoint = {}, .text = line});
  }
  std::vector<std::string> lines = orders_->take_lines();
  if (limit_share_) std::ranges::move(limit_share_->take_lines(), std::back_inserter(lines));
  if (history_) std::ranges::move(history_->take_lines(), std::back_inserter(lines));
  for (const std::string& line : lines) std::fprintf(stderr, "goodgate: %s\n", line.c_str());
}

void WorkerProcess::take_traces() {
  if (!traces_) return;
  for (const std::unique_ptr<WorkerThread>& worker : workers_) {
    traces_->take(*worker->trace_recorder());
  }
  for (const std::string& line : traces_->take_lines()) {
    std::fprintf(stderr, "goodgate: %s\n", line.c_str());
  }
}

void WorkerProcess::tell_tls_news() {
  if (tls_news_->certificates().empty()) return;
  std::vector<const Counters*> counters;
  for (const std::unique_ptr<WorkerThread>& worker : workers_) {
    counters.push_back(&worker->counters());
  }
  TlsFailureCounts failures = tls_failures_of(counters);
  for (const std::string& line : tls_news_->look(engine_->now(), engine_->wall_now(), failures)) {
    std::fprintf(stderr, "goodgate: %s\n", line.c_str());
  }
}

/// The most that came since the last look; the end of the stream counts as drain.
WorkerProcess::Order WorkerProcess::latest_order() {
  Order order = Order::none;
  for (;;) {
    ControlMessage message = receive_control(settings_.control_descriptor);
    if (message.kind == ControlMessage::Kind::none) return order;
    if (message.kind == ControlMessage::Kind::end) return Order::drain;
    if (message.text == static_cast<char>(WorkerCommand::drain)) return Order::drain;
    if (message.text == static_cast<char>(WorkerCommand::retire)) order = Order::retire;
    if (message.text == static_cast<char>(WorkerCommand::reopen)) log_.reopen();
  }
}

/// Others serve until this process is ready, so the incidents that they keep are taken over as late
/// as that. A disk that does not answer within a moment delays nothing further.
void WorkerProcess::open_history() {
  bool is_wanted = !settings_.state_directory.empty() && settings_.state_problem.empty();
  if (!is_wanted) return;
  history_.emplace(*engine_, settings_.state_directory,
                   [](const FlightRecord& record) { return to_json(record); });
  Deadline end = Deadline::after(engine_->now(), history_patience);
  while (!history_->is_settled() && !end.has_passed(engine_->now())) engine_->turn(5ms);
  flights_.use(&*history_);
}

HistoryStatus WorkerProcess::without_history() const {
  if (settings_.state_directory.empty()) return {};
  return {.state = HistoryStatus::State::broken,
          .file = settings_.state_directory,
          .problem = settings_.state_problem};
}

/// What runs beside the workers on this thread.
void WorkerProcess::start_services() {
  std::vector<std::string> names;
  for (const WorkerListener& listener : listeners()) names.push_back(listener.name);
  status_.emplace(StatusFacts{.engine = *engine_,
                              .workers = workers_,
                              .routes = routes_,
                              .upstreams = upstream_names_,
                              .health = &shared_upstreams_,
                              .log = log_.writer(),
                              .traces = traces_ ? &*traces_ : nullptr,
                              .limit_share = limit_share_ ? &*limit_share_ : nullptr,
                              .listeners = std::move(names),
                              .certificates = tls_news_->certificates(),
                              .flights = &flights_,
                              .history = history_ ? &*history_ : nullptr,
                              .without_history = without_history(),
                              .orders = *orders_,
                              .events = *events_,
                              .traffic = traffic_,
                              .discovery = &*discovery_,
                              .pulse = &*pulse_,
                              .config = *settings_.config,
                              .config_path = settings_.config_path});
  if (settings_.admin_descriptor >= 0) {
    const AdminConfig& admin = settings_.config->admin;
    std::string token = admin.token_file.empty() ? "" : read_token(admin.token_file);
    if (token.empty() && !admin.token_file.empty()) {
      std::fprintf(stderr,
                   "goodgate: %s holds no token of at least %zu characters that this process can "
                   "read: the admin interface tells nobody anything\n",
                   admin.token_file.c_str(), token_least);
    }
    admin_.emplace(*engine_, *status_, access_for(admin, std::move(token)));
    ignore(admin_->listen(settings_.admin_descriptor), "traffic goes on without its admin page");
  }
}

/// The workers have ended; what they recorded last is worth a moment.
void WorkerProcess::send_last_traces() {
  if (!traces_) return;
  take_traces();
  traces_->finish();
  Deadline end = Deadline::after(engine_->now(), last_traces_patience);
  while (!traces_->is_stopped() && !end.has_passed(engine_->now())) turn();
  traces_->stop();
}

void WorkerProcess::stop_services() {
  if (!discovery_) return;
  send_last_traces();
  discovery_->stop();
  names_->stop();
  if (limit_share_) limit_share_->stop();
  resolver_->stop();
  health_news_.wake(nullptr);
  health_news_.tell(nullptr);
  checks_->stop();
  if (admin_) admin_->drain();
  Deadline end = Deadline::after(engine_->now(), admin_patience);
  while (admin_ && !admin_->is_stopped() && !end.has_passed(engine_->now())) turn();
  if (admin_) admin_->stop();
  auto is_over = [this] {
    return discovery_->is_stopped() && names_->is_stopped() && checks_->is_stopped() &&
           (!traces_ || traces_->is_stopped()) && (!limit_share_ || limit_share_->is_stopped()) &&
           (!admin_ || admin_->is_stopped());
  };
  while (!is_over()) turn();
}

void WorkerProcess::drain(Order order) {
  if (status_) status_->set_ready(false);
  bool hurries = order != Order::retire;
  // Another worker process answers operators from now on; in a drain this one tells of it.
  if (admin_ && !hurries) admin_->drain();
  Duration patience = hurries ? Duration::zero() : retired_idle_time;
  for (const std::unique_ptr<WorkerThread>& worker : workers_) worker->drain(patience);
  for (const ListeningSocket& socket : settings_.listeners) close(socket.descriptor);
  // With others that serve there is no hurry: long streams go on.
  auto end_of_drain = [this] {
    return Deadline::after(engine_->now(), settings_.config->timeouts.drain);
  };
  Deadline end = hurries ? end_of_drain() : Deadline::never();
  while (!all_are(WorkerThread::Phase::stopped)) {
    turn();
    if (!hurries && latest_order() == Order::drain) {
      hurries = true;
      end = end_of_drain();
      for (const std::unique_ptr<WorkerThread>& worker : workers_) worker->drain(Duration::zero());
    }
    if (!end.has_passed(engine_->now())) continue;
    end = Deadline::never();
    for (const std::unique_ptr<WorkerThread>& worker : workers_) worker->cut();
  }
  take_records();
  flights_.save();
  stop_services();
  flights_.use(nullptr);
  history_.reset();
  workers_.clear();
  log_.pump();
}

int WorkerProcess::run() {
  Result<std::unique_ptr<EpollEngine>, IoError> engine = EpollEngine::make();
  if (!engine) return 1;
  engine_ = std::move(*engine);
  engine_->wake_on(settings_.control_descriptor);
  health_news_.deliver_to(*engine_);
  events_.emplace(*engine_);
  orders_.emplace(shared_upstreams_, settings_.health, flights_, *events_);
  orders_->tell(workers_);
  pulse_.emplace(*engine_, workers_);
  events_->tell(
      {.at = {}, .kind = "start", .upstream = {}, .endpoint = {}, .text = settings_.why_it_began});
  flights_.note({.kind = settings_.beginning,
                 .when = engine_->now(),
                 .at = engine_->wall_now(),
                 .text = settings_.why_it_began});
  bool started = load_certificates() && make_workers();
  if (started) look_names_up();
  if (started) started = start_workers();
  if (started) open_history();
  if (started) start_services();
  if (started) status_->set_ready(true);
  Order order = Order::none;
  if (started && send_control(settings_.control_descriptor, WorkerReport::ready)) {
    while ((order = latest_order()) == Order::none) turn();
  }
  drain(order);
  return started ? 0 : 1;
}

}  // namespace

int run_worker_process(WorkerProcessSettings settings) {
  WorkerProcess process(std::move(settings));
  return process.run();
}

}  // namespace gg
