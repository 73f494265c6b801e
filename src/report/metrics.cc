// SPDX-License-Identifier: Apache-2.0
#include "report/metrics.h"

#include <array>

#include "fault/catalogue.h"
#include "report/metrics_totals.h"
#include "report/samples.h"
#include "upstream/health/health_text.h"

namespace gg {
namespace {

constexpr std::array<std::string_view, 6> class_names = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

using Out = std::string&;
using Source = const MetricsSource&;

/// A counter or gauge of whole workers.
template <auto member>
void write_total(Out out, const Metric& metric, Source source) {
  auto sum = total(source, [](const Counters& worker) { return (worker.*member).read(); });
  write_sample(out, {.metric = metric.name}, sum);
}

void write_client_tls_failures(Out out, const Metric& metric, Source source) {
  for (std::size_t i = 0; i < tls_failure_count; ++i) {
    auto sum =
        total(source, [i](const Counters& worker) { return worker.client_tls_failures[i].read(); });
    std::string_view reason = text_of(static_cast<TlsFailure>(i));
    if (sum > 0) write_sample(out, {.metric = metric.name, .labels = {{{"reason", reason}}}}, sum);
  }
  auto sum =
      total(source, [](const Counters& worker) { return worker.client_tls_crowded_out.read(); });
  if (sum == 0) return;
  write_sample(out, {.metric = metric.name, .labels = {{{"reason", "crowded_out"}}}}, sum);
}

template <auto member>
void write_results(Out out, const Metric& metric, Source source,
                   const std::array<std::string_view, 3>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto sum = total(source, [i](const Counters& worker) { return (worker.*member)[i].read(); });
    if (sum > 0)
      write_sample(out, {.metric = metric.name, .labels = {{{"result", names[i]}}}}, sum);
  }
}

void write_forward_auth(Out out, const Metric& metric, Source source) {
  write_results<&Counters::forward_auth>(out, metric, source, {"allowed", "refused", "failed"});
}

void write_mirrors(Out out, const Metric& metric, Source source) {
  write_results<&Counters::mirrors>(out, metric, source, {"answered", "failed", "left_out"});
}

void write_expiries(Out out, const Metric& metric, Source source) {
  for (const CertificateExpiry& expiry : source.certificates) {
    write_sample(out, {.metric = metric.name, .labels = {{{"certificate", expiry.file}}}},
                 expiry.time.microseconds / 1'000'000);
  }
}

/// A counter or gauge per upstream.
template <auto member>
void write_per_upstream(Out out, const Metric& metric, Source source) {
  for_each_upstream(source, [&](std::size_t slot, std::string_view name) {
    auto sum = total_of_upstream(
        source, slot, [](const UpstreamCounters& counters) { return (counters.*member).read(); });
    write_sample(out, {.metric = metric.name, .labels = {{{"upstream", name}}}}, sum);
  });
}

template <auto member>
void write_per_route(Out out, const Metric& metric, Source source) {
  for_each_route(source, [&](std::size_t slot, std::string_view name) {
    std::uint64_t sum = total_of_route(
        source, slot, [](const RouteCounters& counters) { return (counters.*member).read(); });
    write_sample(out, {.metric = metric.name, .labels = {{{"route", name}}}}, sum);
  });
}

/// Faults by cause, those that happened.
template <auto member>
void write_faults(Out out, const Metric& metric, Source source) {
  for_each_upstream(source, [&](std::size_t slot, std::string_view name) {
    for (const FaultRow& row : catalogue()) {
      std::size_t index = index_of(row.fault);
      std::uint64_t sum = total_of_upstream(
          source, slot,
          [index](const UpstreamCounters& counters) { return (counters.*member)[index].read(); });
      if (sum == 0) continue;
      write_sample(
          out,
          {.metric = metric.name,
           .labels = {{{"upstream", name}, {"fault", row.name}, {"blame", name_of(row.blame)}}}},
          sum);
    }
  });
}

template <Timing timing>
void write_timing(Out out, const Metric& metric, Source source) {
  constexpr auto index = static_cast<std::size_t>(timing);
  for_each_upstream(source, [&](std::size_t slot, std::string_view name) {
    HistogramSum sum;
    for (const Counters* worker : source.workers) {
      const UpstreamCounters* counters = worker->find_upstream(slot);
      if (counters != nullptr) sum.add(counters->timings[index]);
    }
    write_histogram(out, metric.name, {"upstream", name}, sum);
  });
}

void write_build_info(Out out, const Metric& metric, Source source) {
  write_sample(out, {.metric = metric.name, .labels = {{{"version", source.version}}}},
               std::uint64_t{1});
}

void write_start_time(Out out, const Metric& metric, Source source) {
  write_seconds(out, {.metric = metric.name}, source.started.microseconds);
}

void write_client_connections(Out out, const Metric& metric, Source source) {
  std::int64_t active =
      total(source, [](const Counters& worker) { return worker.client_connections_active.read(); });
  std::int64_t idle =
      total(source, [](const Counters& worker) { return worker.client_connections_idle.read(); });
  write_sample(out, {.metric = metric.name, .labels = {{{"state", "active"}}}}, active);
  write_sample(out, {.metric = metric.name, .labels = {{{"state", "idle"}}}}, idle);
}

void write_log_lines_lost(Out out, const Metric& metric, Source source) {
  std::uint64_t dropped =
      total(source, [](const Counters& worker) { return worker.access_log_dropped.read(); });
  write_sample(out, {.metric = metric.name}, dropped + source.log_lines_lost);
}

void write_incidents_open(Out out, const Metric& metric, Source source) {
  std::size_t open = source.incidents != nullptr ? source.incidents->open() : 0;
  write_sample(out, {.metric = metric.name}, open);
}

void write_incidents_begun(Out out, const Metric& metric, Source source) {
  std::uint64_t begun = source.incidents != nullptr ? source.incidents->begun() : 0;
  write_sample(out, {.metric = metric.name}, begun);
}

void write_history_kept(Out out, const Metric& metric, Source source) {
  write_sample(out, {.metric = metric.name}, std::uint64_t{source.history_is_kept ? 1U : 0U});
}

void write_history_lost(Out out, const Metric& metric, Source source) {
  write_sample(out, {.metric = metric.name}, source.history_records_lost);
}

void write_records_lost(Out out, const Metric& metric, Source source) {
  write_sample(out, {.metric = metric.name}, source.records_lost);
}

void write_spans_exported(Out out, const Metric& metric, Source source) {
  write_sample(out, {.metric = metric.name}, source.traces.exported);
}

void write_spans_dropped(Out out, const Metric& metric, Source source) {
  auto write = [&](std::string_view reason, std::uint64_t count) {
    write_sample(out, {.metric = metric.name, .labels = {{{"reason", reason}}}}, count);
  };
  write("queue_full", source.trace_spans_lost);
  write("refused", source.traces.refused);
  write("unreachable", source.traces.unreachable);
}

void write_limits_shared(Out out, const Metric& metric, Source source) {
  if (!source.limits_are_shared) return;
  write_sample(out, {.metric = metric.name}, std::uint64_t{*source.limits_are_shared ? 1U : 0U});
}

void write_limit_share_failures(Out out, const Metric& metric, Source source) {
  write_sample(out, {.metric = metric.name}, source.limit_share_failures);
}

void write_memory(Out out, const Metric& metric, Source source) {
  write_sample(out, {.metric = metric.name}, source.process.resident_bytes);
}

void write_descriptors(Out out, const Metric& metric, Source source) {
  write_sample(out, {.metric = metric.name}, source.process.descriptors);
}

void write_descriptors_limit(Out out, const Metric& metric, Source source) {
  write_sample(out, {.metric = metric.name}, source.process.descriptors_most);
}

void write_cpu(Out out, const Metric& metric, Source source) {
  write_seconds(out, {.metric = metric.name}, source.process.cpu.count() / 1000);
}

void write_lags(Out out, const Metric& metric, Source source) {
  for (std::size_t i = 0; i < source.worker_lags.size(); ++i) {
    std::string worker = std::to_string(i);
    write_seconds(out, {.metric = metric.name, .labels = {{{"worker", worker}}}},
                  source.worker_lags[i].count() / 1000);
  }
}

void write_budgets(Out out, const Metric& metric, Source source) {
  if (source.health == nullptr) return;
  for (std::size_t i = 0; i < source.budgets_left.size() && i < source.health->size(); ++i) {
    std::string_view upstream = source.health->health(i).upstream();
    write_sample(out, {.metric = metric.name, .labels = {{{"upstream", upstream}}}},
                 source.budgets_left[i]);
  }
}

void write_requests(Out out, const Metric& metric, Source source) {
  for_each_upstream(source, [&](std::size_t slot, std::string_view name) {
    for (std::size_t i = 0; i < class_names.size(); ++i) {
      std::uint64_t sum = total_of_upstream(source, slot, [i](const UpstreamCounters& counters) {
        return counters.requests[i].read();
      });
      write_sample(
          out, {.metric = metric.name, .labels = {{{"upstream", name}, {"code", class_names[i]}}}},
          sum);
    }
  });
}

void write_route_requests(Out out, const Metric& metric, Source source) {
  for_each_route(source, [&](std::size_t slot, std::string_view name) {
    for (std::size_t i = 0; i < class_names.size(); ++i) {
      std::uint64_t sum = total_of_route(
          source, slot, [i](const RouteCounters& counters) { return counters.requests[i].read(); });
      write_sample(out,
                   {.metric = metric.name, .labels = {{{"route", name}, {"code", class_names[i]}}}},
                   sum);
    }
  });
}

void write_unrescued(Out out, const Metric& metric, Source source) {
  for_each_upstream(source, [&](std::size_t slot, std::string_view name) {
    for (std::size_t i = 0; i < retry_count; ++i) {
      std::uint64_t sum = total_of_upstream(source, slot, [i](const UpstreamCounters& counters) {
        return counters.unrescued[i].read();
      });
      if (sum == 0) continue;
      std::string_view reason = text_of(static_cast<Retry>(i));
      write_sample(
          out, {.metric = metric.name, .labels = {{{"upstream", name}, {"reason", reason}}}}, sum);
    }
  });
}

void write_upstream_connections(Out out, const Metric& metric, Source source) {
  for_each_upstream(source, [&](std::size_t slot, std::string_view name) {
    std::int64_t active = total_of_upstream(source, slot, [](const UpstreamCounters& counters) {
      return counters.connections_active.read();
    });
    std::int64_t idle = total_of_upstream(source, slot, [](const UpstreamCounters& counters) {
      return counters.connections_idle.read();
    });
    write_sample(out,
                 {.metric = metric.name, .labels = {{{"upstream", name}, {"state", "active"}}}},
                 active);
    write_sample(out, {.metric = metric.name, .labels = {{{"upstream", name}, {"state", "idle"}}}},
                 idle);
  });
}

/// Calls `visit(upstream, endpoint, pool, index)` for every endpoint.
template <class Visit>
void for_each_endpoint(const MetricsSource& source, Visit visit) {
  if (source.health == nullptr) return;
  for (std::size_t i = 0; i < source.health->size(); ++i) {
    const PoolHealth& pool = source.health->health(i);
    for (std::size_t j = 0; j < pool.size(); ++j) {
      if (pool.is_member(j)) visit(pool, j);
    }
  }
}

void write_endpoint_states(Out out, const Metric& metric, Source source) {
  for_each_endpoint(source, [&](const PoolHealth& pool, std::size_t endpoint) {
    HealthState state = pool.state(endpoint, source.now);
    write_sample(out,
                 {.metric = metric.name,
                  .labels = {{{"upstream", pool.upstream()},
                              {"endpoint", pool.name(endpoint)},
                              {"state", standing_text(state)}}}},
                 std::uint64_t{1});
  });
}

void write_ejections(Out out, const Metric& metric, Source source) {
  for_each_endpoint(source, [&](const PoolHealth& pool, std::size_t endpoint) {
    write_sample(out,
                 {.metric = metric.name,
                  .labels = {{{"upstream", pool.upstream()}, {"endpoint", pool.name(endpoint)}}}},
                 pool.cell(endpoint).ejections.load(std::memory_order_relaxed));
  });
}

void write_checks(Out out, const Metric& metric, Source source) {
  for_each_endpoint(source, [&](const PoolHealth& pool, std::size_t endpoint) {
    const HealthCell& cell = pool.cell(endpoint);
    auto write = [&](std::string_view result, const std::atomic<std::uint64_t>& count) {
      write_sample(out,
                   {.metric = metric.name,
                    .labels = {{{"upstream", pool.upstream()},
                                {"endpoint", pool.name(endpoint)},
                                {"result", result}}}},
                   count.load(std::memory_order_relaxed));
    };
    write("passed", cell.checks_passed);
    write("failed", cell.checks_failed);
  });
}

/// A figure of each upstream whose endpoints are looked up.
template <auto member>
void write_discovery(Out out, const Metric& metric, Source source) {
  for (const DiscoveryFigures& its : source.discovery) {
    write_sample(
        out,
        {.metric = metric.name, .labels = {{{"upstream", its.upstream}, {"source", its.kind}}}},
        its.*member);
  }
}

void write_discovery_state(Out out, const Metric& metric, Source source) {
  for (const DiscoveryFigures& its : source.discovery) {
    write_sample(
        out,
        {.metric = metric.name, .labels = {{{"upstream", its.upstream}, {"source", its.kind}}}},
        std::uint64_t{its.problem.empty() ? 0U : 1U});
  }
}

constexpr MetricType counter = MetricType::counter;
constexpr MetricType gauge = MetricType::gauge;
constexpr MetricType histogram = MetricType::histogram;

constexpr Metric table[] = {
    {"goodgate_build_info", gauge, "version", "Always 1; the label names the running version.",
     write_build_info},
    {"goodgate_start_time_seconds", gauge, "", "When the worker process started, in Unix time.",
     write_start_time},
    {"goodgate_cpu_seconds_total", counter, "",
     "Processor time that all threads of the worker process took.", write_cpu},
    {"goodgate_memory_resident_bytes", gauge, "", "Memory that the worker process has in use.",
     write_memory},
    {"goodgate_descriptors", gauge, "", "File descriptors that the worker process has open.",
     write_descriptors},
    {"goodgate_descriptors_limit", gauge, "", "How many of them it may have.",
     write_descriptors_limit},
    {"goodgate_worker_lag_seconds", gauge, "worker",
     "How long a message waited for the worker's engine, the longest of the last fifteen seconds: "
     "so long does everything wait there.",
     write_lags},
    {"goodgate_client_connections_accepted_total", counter, "",
     "Connections accepted from clients.", write_total<&Counters::client_connections_accepted>},
    {"goodgate_client_connections_refused_total", counter, "",
     "Connections from clients that were turned away at a limit.",
     write_total<&Counters::client_connections_refused>},
    {"goodgate_client_connections_over_share_total", counter, "",
     "Among these, those whose client had as many as one client may have.",
     write_total<&Counters::client_connections_over_share>},
    {"goodgate_client_connections", gauge, "state",
     "Open connections from clients, with and without a request.", write_client_connections},
    {"goodgate_client_tls_failures_total", counter, "reason",
     "TLS handshakes with clients that failed.", write_client_tls_failures},
    {"goodgate_certificate_expiry_seconds", gauge, "certificate",
     "When a certificate that clients are shown expires, in Unix time.", write_expiries},
    {"goodgate_forward_auth_total", counter, "result",
     "Requests that a service was asked about, by what came of it.", write_forward_auth},
    {"goodgate_mirrored_requests_total", counter, "result",
     "Copies of requests for other upstreams, by what came of them.", write_mirrors},
    {"goodgate_requests_active", gauge, "", "Requests that are being served.",
     write_total<&Counters::requests_active>},
    {"goodgate_access_log_dropped_lines_total", counter, "",
     "Lines of the access log that were lost because its reader was too slow or failed.",
     write_log_lines_lost},
    {"goodgate_trace_spans_exported_total", counter, "", "Spans that the collector has taken.",
     write_spans_exported},
    {"goodgate_trace_spans_dropped_total", counter, "reason",
     "Spans that came too fast for the queue, that the collector refused, or for which it could "
     "not "
     "be reached in time.",
     write_spans_dropped},
    {"goodgate_limits_shared", gauge, "",
     "Whether the gateway hears through Redis of what others let through (1) or limits rates by "
     "itself; only where `redis` is configured.",
     write_limits_shared},
    {"goodgate_limit_share_failures_total", counter, "",
     "Connections to Redis that failed or could not be made.", write_limit_share_failures},
    {"goodgate_incidents_open", gauge, "",
     "Incidents that last: something failed or had to be rescued within the last minute.",
     write_incidents_open},
    {"goodgate_incidents_total", counter, "",
     "Incidents that have begun, those of the history on disk included.", write_incidents_begun},
    {"goodgate_flight_records_lost_total", counter, "",
     "Records of requests that failed or were rescued which nobody took in time; incidents do not "
     "count them.",
     write_records_lost},
    {"goodgate_history_kept", gauge, "",
     "1 while incidents are kept on disk, 0 while they are in memory only.", write_history_kept},
    {"goodgate_history_records_lost_total", counter, "",
     "Records of requests that could not be written to the disk.", write_history_lost},
    {"goodgate_route_requests_total", counter, "route, code",
     "Requests by route and by the class of the status that was sent.", write_route_requests},
    {"goodgate_route_received_bytes_total", counter, "route",
     "Bytes of requests, heads and bodies, that clients sent.",
     write_per_route<&RouteCounters::bytes_received>},
    {"goodgate_route_sent_bytes_total", counter, "route",
     "Bytes of responses, heads and bodies, that clients were sent.",
     write_per_route<&RouteCounters::bytes_sent>},
    {"goodgate_requests_total", counter, "upstream, code",
     "Requests by upstream and by the class of the status that was sent.", write_requests},
    {"goodgate_request_faults_total", counter, "upstream, fault, blame",
     "Requests that ended with a fault that the client saw, by cause.",
     write_faults<&UpstreamCounters::request_faults>},
    {"goodgate_requests_rescued_total", counter, "upstream, fault, blame",
     "Requests that another attempt saved from a fault, by the first cause.",
     write_faults<&UpstreamCounters::rescued>},
    {"goodgate_requests_unrescued_total", counter, "upstream, reason",
     "Requests that ended with a fault, by the reason why no other attempt was made.",
     write_unrescued},
    {"goodgate_attempts_total", counter, "upstream", "Attempts to have a request answered.",
     write_per_upstream<&UpstreamCounters::attempts>},
    {"goodgate_attempts_reused_total", counter, "upstream",
     "Attempts on a connection that had served a request before.",
     write_per_upstream<&UpstreamCounters::attempts_on_reused>},
    {"goodgate_retries_total", counter, "upstream", "Attempts after a request's first.",
     write_per_upstream<&UpstreamCounters::retries>},
    {"goodgate_retry_budget_left", gauge, "upstream",
     "Retries that the budgets of all workers would allow at this moment.", write_budgets},
    {"goodgate_hedges_total", counter, "upstream",
     "Attempts made while an earlier one of the same request still waited.",
     write_per_upstream<&UpstreamCounters::hedges>},
    {"goodgate_hedges_won_total", counter, "upstream",
     "Those of them whose answer the client was given.",
     write_per_upstream<&UpstreamCounters::hedges_won>},
    {"goodgate_attempt_faults_total", counter, "upstream, fault, blame",
     "Attempts that failed, whether or not the client noticed, by cause.",
     write_faults<&UpstreamCounters::attempt_faults>},
    {"goodgate_upstream_written_bytes_total", counter, "upstream", "Bytes sent to endpoints.",
     write_per_upstream<&UpstreamCounters::bytes_written>},
    {"goodgate_upstream_read_bytes_total", counter, "upstream", "Bytes received from endpoints.",
     write_per_upstream<&UpstreamCounters::bytes_read>},
    {"goodgate_upstream_connections_opened_total", counter, "upstream",
     "Connections opened to endpoints.", write_per_upstream<&UpstreamCounters::connections_opened>},
    {"goodgate_upstream_connections_closed_total", counter, "upstream",
     "Connections to endpoints that were closed, by either side.",
     write_per_upstream<&UpstreamCounters::connections_closed>},
    {"goodgate_upstream_connections", gauge, "upstream, state",
     "Open connections to endpoints, in use and waiting in the pool.", write_upstream_connections},
    {"goodgate_endpoint_state", gauge, "upstream, endpoint, state",
     "1 for the state that an endpoint is in; the others have no series.", write_endpoint_states},
    {"goodgate_endpoint_ejections_total", counter, "upstream, endpoint",
     "How often an endpoint was taken out. Goes on over reloads.", write_ejections},
    {"goodgate_endpoint_checks_total", counter, "upstream, endpoint, result",
     "Active checks of an endpoint. Goes on over reloads.", write_checks},
    {"goodgate_discovery_endpoints", gauge, "upstream, source",
     "Endpoints that were found by looking them up.", write_discovery<&DiscoveryFigures::members>},
    {"goodgate_discovery_endpoints_come_total", counter, "upstream, source",
     "Endpoints that have come.", write_discovery<&DiscoveryFigures::come>},
    {"goodgate_discovery_endpoints_gone_total", counter, "upstream, source",
     "Endpoints that have gone.", write_discovery<&DiscoveryFigures::gone>},
    {"goodgate_discovery_failures_total", counter, "upstream, source",
     "Times that the source began to fail.", write_discovery<&DiscoveryFigures::failures>},
    {"goodgate_discovery_holding", gauge, "upstream, source",
     "1 while endpoints are those of an earlier answer, because the source fails, names none or "
     "says "
     "something that cannot be understood; 0 otherwise.",
     write_discovery_state},
    {"goodgate_requests_waiting", gauge, "upstream", "Requests that wait for admission.",
     write_per_upstream<&UpstreamCounters::requests_waiting>},
    {"goodgate_requests_admitted", gauge, "upstream",
     "Requests that were admitted and not answered yet; with a fixed limit, not over yet.",
     write_per_upstream<&UpstreamCounters::requests_in_flight>},
    {"goodgate_requests_limit", gauge, "upstream",
     "How many of them the endpoints can bear, as learned so far. Under a fixed limit it is not "
     "used.",
     write_per_upstream<&UpstreamCounters::requests_limit>},
    {"goodgate_request_duration_seconds", histogram, "upstream",
     "From the first byte of a request to the end of its exchange.", write_timing<Timing::total>},
    {"goodgate_queue_duration_seconds", histogram, "upstream",
     "Time that requests waited for admission; those that did not wait are left out.",
     write_timing<Timing::queue>},
    {"goodgate_connect_duration_seconds", histogram, "upstream",
     "Time that new connections to endpoints took.", write_timing<Timing::connect>},
    {"goodgate_tls_handshake_duration_seconds", histogram, "upstream",
     "Time that TLS handshakes with endpoints took.", write_timing<Timing::tls>},
    {"goodgate_first_byte_duration_seconds", histogram, "upstream",
     "From the start of sending a request to the first byte of the response.",
     write_timing<Timing::first_byte>},
};

consteval bool table_is_sound() {
  for (const Metric& metric : table) {
    bool is_total = metric.name.ends_with("_total");
    if (is_total != (metric.type == counter)) return false;
    if (!metric.name.starts_with("goodgate_") || metric.help.back() != '.') return false;
    for (const Metric& other : table) {
      if (&other != &metric && other.name == metric.name) return false;
    }
  }
  return true;
}
static_assert(table_is_sound());

}  // namespace

std::span<const Metric> metrics() { return table; }

std::string_view name_of(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      return "histogram";
  }
  return "";
}

MetricsFormat metrics_format_for(std::string_view accept) {
  bool knows_openmetrics = accept.find("application/openmetrics-text") != std::string_view::npos;
  return knows_openmetrics ? MetricsFormat::openmetrics : MetricsFormat::prometheus;
}

std::string_view content_type_of(MetricsFormat format) {
  return format == MetricsFormat::openmetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

std::string metrics_text(const MetricsSource& source, MetricsFormat format) {
  bool is_openmetrics = format == MetricsFormat::openmetrics;
  constexpr std::string_view total = "_total";
  std::string out;
  for (const Metric& metric : table) {
    // There a counter's family is called without what its samples end in.
    std::string_view family = metric.name;
    if (is_openmetrics && metric.type == counter) family.remove_suffix(total.size());
    write_family(out, family, metric.help, name_of(metric.type));
    metric.write(out, metric, source);
  }
  if (is_openmetrics) out += "# EOF\n";
  return out;
}

}  // namespace gg
