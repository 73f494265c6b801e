// SPDX-License-Identifier: Apache-2.0
// The Prometheus text exposition of what all workers have counted. Read by admin/ on the control
// thread; docs/metrics.md is generated from the same table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "discovery/figures.h"
#include "record/counter_slots.h"
#include "record/counters.h"
#include "report/incidents.h"
#include "report/process_facts.h"
#include "report/trace_queue.h"
#include "tls/certificates.h"
#include "upstream/upstreams.h"

namespace gg {

/// Everything that is exposed. All is borrowed for the call.
struct MetricsSource {
  std::span<const Counters* const> workers;
  const CounterSlots& routes;
  const CounterSlots& upstreams;
  SharedUpstreams* health = nullptr;  // null: endpoints are left out
  Instant now{};
  std::string_view version;
  std::uint64_t log_lines_lost = 0;  // by writers; what workers dropped is in their counters
  WallTime started;                  // of the worker process
  std::span<const CertificateExpiry> certificates = {};  // that clients are shown
  const Incidents* incidents = nullptr;                  // null: there are none
  std::uint64_t records_lost = 0;                        // of flights, by workers
  bool history_is_kept = false;                          // on disk
  std::uint64_t history_records_lost = 0;                // that are not on it
  TraceCounts traces;                                    // all zero: nobody traces
  std::uint64_t trace_spans_lost = 0;                    // by workers
  std::optional<bool> limits_are_shared;                 // through Redis; none: none is to be
  std::uint64_t limit_share_failures = 0;
  ProcessFacts process;
  std::span<const Duration> worker_lags = {};        // by worker
  std::span<const std::uint64_t> budgets_left = {};  // by upstream, as in `health`
  std::span<const DiscoveryFigures> discovery = {};
};

enum class MetricType : std::uint8_t { counter, gauge, histogram };

/// One metric family. Names and labels are an interface: they do not change.
struct Metric {
  std::string_view name;
  MetricType type;
  std::string_view labels;  // comma-separated, for the documents
  std::string_view help;    // one sentence
  /// Appends the samples, after HELP and TYPE.
  void (*write)(std::string& out, const Metric& metric, const MetricsSource& source);
};

/// All families, in the order of the exposition. Static.
std::span<const Metric> metrics();

/// What a scraper understands.
enum class MetricsFormat : std::uint8_t { prometheus, openmetrics };

/// The better one that an Accept field allows; Prometheus text where it says nothing.
MetricsFormat metrics_format_for(std::string_view accept);
std::string_view content_type_of(MetricsFormat format);

/// Faults, rescues and reasons that never happened have no series.
std::string metrics_text(const MetricsSource& source,
                         MetricsFormat format = MetricsFormat::prometheus);

std::string_view name_of(MetricType type);

}  // namespace gg
