// SPDX-License-Identifier: Apache-2.0
#include "gate/status_source.h"

#include <unistd.h>

#include <algorithm>

#include "admin/config_json.h"
#include "admin/history_json.h"
#include "base/version.h"
#include "fault/catalogue.h"
#include "gate/limit_share.h"
#include "report/metrics.h"
#include "upstream/health/health_text.h"

namespace gg {

namespace {

/// How long a worker may take to answer: one that is stuck must not hide the others.
constexpr Duration patience = 1s;

std::string_view state_of(const Endpoint& endpoint, Instant now) {
  if (!endpoint.is_member()) return "leaving";
  if (!endpoint.has_address()) return "unresolved";
  return standing_text(endpoint.health.state(now));
}

std::string reason_of(const Endpoint& endpoint, Instant now) {
  if (!endpoint.is_member()) return "it is named no more; what is under way there may end";
  if (!endpoint.has_address()) return row_of(classify(endpoint.dns_error())).name.data();
  HealthState state = endpoint.health.state(now);
  HealthGrounds grounds = endpoint.health.grounds();
  std::string text = reason_text(state.reason, grounds.fault, grounds.figures);
  if (state.standing != Standing::out) return text;
  // It is kept rounded up to the next millisecond.
  auto left = std::chrono::ceil<std::chrono::seconds>(state.at - now - 1ms);
  return text + (left > 0s ? "; tried again in " + std::to_string(left.count()) + " s"
                           : "; the next request tries it");
}

WorkerStatus status_of(Worker& worker) {
  Instant now = worker.engine().now();
  WorkerStatus status{.client_connections = worker.sessions(),
                      .turns = worker.engine().counters().turns,
                      .bytes_buffered = worker.engine().buffers().bytes_lent()};
  for (const std::unique_ptr<Upstream>& upstream : worker.upstreams().all()) {
    UpstreamStatus& its = status.upstreams.emplace_back();
    its.name = upstream->name();
    const Admission& admission = upstream->admission();
    its.requests_limit = admission.limit();
    its.limit_is_shared = admission.is_fixed();
    its.requests_admitted = admission.in_flight();
    its.requests_waiting = admission.waiting();
    const UpstreamConfig& settings = upstream->settings();
    std::string source = settings.discover ? source_text(*settings.discover) : "";
    for (const std::unique_ptr<Endpoint>& endpoint : upstream->endpoints()) {
      status.requests += endpoint->requests_total;
      if (!endpoint->is_member() && endpoint->is_unused()) continue;
      bool is_discovered = endpoint->seat() >= settings.endpoints.size();
      its.endpoints.push_back({.address = std::string(endpoint->name()),
                               .from = is_discovered ? source : "",
                               .state = std::string(state_of(*endpoint, now)),
                               .reason = reason_of(*endpoint, now),
                               .standing_for = endpoint->health.standing_for(now),
                               .weight = endpoint->weight,
                               .weight_configured = endpoint->settings().weight,
                               .requests_in_flight = endpoint->requests_in_flight,
                               .requests_limit = endpoint->load.adaptive.limit(),
                               .connections_active = endpoint->active_connections(),
                               .connections_idle = endpoint->idle_connections(),
                               .requests = endpoint->requests_total,
                               .faults = endpoint->faults_total,
                               .expected = endpoint->response_time.value(now)});
    }
  }
  return status;
}

HistoryReport report_of(const HistoryStatus& status) {
  return {.state = std::string(name_of(status.state)),
          .file = status.file,
          .problem = status.problem,
          .lost = status.lost};
}

/// The answers of all workers as they come in. Shared with the messages under way, which may
/// arrive after the asker has given up.
struct Gathering {
  std::vector<WorkerStatus> answers;
  std::size_t missing = 0;
  Engine* engine = nullptr;
  Sleep* waiting = nullptr;  // of the asker, while it waits
};

/// Brings one worker's answer to the control thread.
class Answer final : public Message {
 public:
  Answer(std::shared_ptr<Gathering> gathering, std::size_t worker, WorkerStatus status)
      : gathering_(std::move(gathering)), worker_(worker), status_(std::move(status)) {}

  void run() override {
    gathering_->answers[worker_] = std::move(status_);
    --gathering_->missing;
    bool all_here = gathering_->missing == 0 && gathering_->waiting != nullptr;
    if (all_here) gathering_->engine->cancel(*gathering_->waiting);
  }

 private:
  std::shared_ptr<Gathering> gathering_;
  std::size_t worker_;
  WorkerStatus status_;
};

}  // namespace

StatusSource::StatusSource(StatusFacts facts)
    : facts_(std::move(facts)), started_(facts_.engine.now()) {}

Task<StatusReport> StatusSource::status() {
  auto gathering = std::make_shared<Gathering>();
  gathering->engine = &facts_.engine;
  gathering->missing = facts_.workers.size();
  gathering->answers.resize(facts_.workers.size());
  for (std::size_t i = 0; i < facts_.workers.size(); ++i) {
    facts_.workers[i]->run([gathering, i](Worker& worker) {
      gathering->engine->post(std::make_unique<Answer>(gathering, i, status_of(worker)));
    });
  }
  Sleep wait(facts_.engine, facts_.engine.now() + patience);
  gathering->waiting = &wait;
  co_await wait;
  gathering->waiting = nullptr;

  std::vector<RequestTotals> by_upstream = facts_.traffic.by_upstream();
  StatusReport report{.version = std::string(version()),
                      .pid = getppid(),  // the supervisor, which is the one to signal
                      .uptime = facts_.engine.now() - started_,
                      .ready = is_ready(),
                      .listeners = facts_.listeners,
                      .workers = gathering->answers,
                      .requests = TrafficWatch::sum_of(by_upstream),
                      .history = report_of(kept_history()),
                      .recent = facts_.traffic.recent().figures()};
  for (const WorkerStatus& worker : report.workers) merge(report.upstreams, worker.upstreams);
  complete(report, by_upstream);
  co_return report;
}

/// What is not any single worker's.
void StatusSource::complete(StatusReport& report, std::span<const RequestTotals> by_upstream) {
  std::span<const std::string> names = facts_.upstreams.names();
  if (facts_.discovery != nullptr) {
    for (DiscoveryFigures& figures : facts_.discovery->figures()) {
      auto its = std::ranges::find(report.upstreams, figures.upstream, &UpstreamStatus::name);
      if (its != report.upstreams.end()) its->discovery = std::move(figures);
    }
  }
  for (UpstreamStatus& upstream : report.upstreams) {
    auto slot = static_cast<std::size_t>(std::ranges::find(names, upstream.name) - names.begin());
    if (slot < by_upstream.size()) upstream.requests = by_upstream[slot];
    for (EndpointStatus& endpoint : upstream.endpoints) {
      if (endpoint.state != "draining") continue;
      std::string why = facts_.orders.why_it_drains(upstream.name, endpoint.address);
      endpoint.reason = endpoint.reason.empty() ? why : why + "; " + endpoint.reason;
    }
  }
}

std::string StatusSource::metrics(MetricsFormat format) {
  std::vector<Duration> lags;
  std::vector<std::uint64_t> budgets;
  if (facts_.pulse != nullptr) {
    lags = facts_.pulse->lags(facts_.engine.now());
    budgets = facts_.pulse->budgets();
  }
  std::vector<DiscoveryFigures> discovery;
  if (facts_.discovery != nullptr) discovery = facts_.discovery->figures();
  std::vector<const Counters*> counters;
  for (const std::unique_ptr<WorkerThread>& worker : facts_.workers) {
    counters.push_back(&worker->counters());
  }
  HistoryStatus kept = kept_history();
  MetricsSource source{
      .workers = counters,
      .routes = facts_.routes,
      .upstreams = facts_.upstreams,
      .health = facts_.health,
      .now = facts_.engine.now(),
      .version = version(),
      .log_lines_lost = facts_.log != nullptr ? facts_.log->lines_lost().read() : 0,
      .started = {facts_.engine.wall_now().microseconds -
                  (facts_.engine.now() - started_).count() / 1000},
      .certificates = facts_.certificates,
      .incidents = facts_.flights != nullptr ? &facts_.flights->all_incidents() : nullptr,
      .history_is_kept = kept.state == HistoryStatus::State::kept,
      .history_records_lost = kept.lost,
      .process = read_process_facts(),
      .worker_lags = lags,
      .budgets_left = budgets,
      .discovery = discovery};
  if (facts_.traces != nullptr) source.traces = facts_.traces->counts();
  if (facts_.limit_share != nullptr) {
    source.limits_are_shared = facts_.limit_share->is_connected();
    source.limit_share_failures = facts_.limit_share->failures();
  }
  for (const std::unique_ptr<WorkerThread>& worker : facts_.workers) {
    source.records_lost += worker->flight_recorder().lost().read();
    if (TraceRecorder* traces = worker->trace_recorder()) {
      source.trace_spans_lost += traces->lost().read();
    }
  }
  return metrics_text(source, format);
}

/// With all that the workers have handed over by now: who asks for the id of an error page is
/// quick.
FlightDesk* StatusSource::flights() {
  if (facts_.flights != nullptr) {
    facts_.flights->pump(facts_.workers,
                         {.now = facts_.engine.now(), .wall = facts_.engine.wall_now()});
  }
  return facts_.flights;
}

HistoryStatus StatusSource::kept_history() const {
  return facts_.history != nullptr ? facts_.history->status() : facts_.without_history;
}

Task<std::optional<std::string>> StatusSource::record(std::string_view id) {
  FlightDesk* desk = flights();
  if (desk == nullptr) co_return std::nullopt;
  std::optional<std::string> found = co_await desk->record(std::string(id));
  co_return found;
}

std::string StatusSource::incidents() {
  FlightDesk* desk = flights();
  return desk == nullptr ? "{}\n" : desk->incidents(report_of(kept_history()));
}

std::optional<std::string> StatusSource::incident(std::string_view id) {
  FlightDesk* desk = flights();
  return desk == nullptr ? std::nullopt : desk->incident(id);
}

std::string StatusSource::config() { return config_json(facts_.config, facts_.config_path); }

std::string StatusSource::history() { return history_json(facts_.traffic.recent().points()); }

OrderOutcome StatusSource::carry_out(const Order& order) {
  return facts_.orders.carry_out(order,
                                 {.now = facts_.engine.now(), .wall = facts_.engine.wall_now()});
}

}  // namespace gg
