// SPDX-License-Identifier: Apache-2.0
// Sends traces to an OpenTelemetry collector over OTLP/HTTP. Runs on the control thread; between it
// and the workers there is nothing but their rings.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/model.h"
#include "engine/engine.h"
#include "http/stream.h"
#include "http1/head_parser.h"
#include "report/otlp.h"
#include "report/trace_queue.h"
#include "report/trace_recorder.h"
#include "task/scope.h"
#include "upstream/dialer.h"

namespace gg {

class TraceExporter {
 public:
  /// Everything outlives it. `config` has a collector.
  TraceExporter(Engine& engine, Resolver& resolver, const TracesConfig& config,
                const HeadLimits& limits, otlp::Resource resource);
  TraceExporter(const TraceExporter&) = delete;
  TraceExporter& operator=(const TraceExporter&) = delete;
  ~TraceExporter();

  void start();
  /// Takes what a worker has handed over. Some 20 times a second.
  void take(TraceRecorder& recorder);
  /// Sends what is left, once, and ends: turn the engine until is_stopped().
  void finish();
  /// Ends within a moment, whatever is left.
  void stop();
  bool is_stopped() const { return tasks_.running() == 0; }

  const TraceCounts& counts() const { return queue_.counts(); }
  /// What is to be said to the operator since it was asked last, mostly nothing.
  std::vector<std::string> take_lines() { return std::exchange(lines_, {}); }

 private:
  struct Answer {
    TraceQueue::Outcome outcome = TraceQueue::Outcome::unreachable;
    Duration pause{};
    std::uint64_t rejected = 0;
    std::string why;  // of a failure
  };

  Task<void> run();
  Task<void> wait();
  Task<Answer> send(std::string body);
  Task<Answer> post(ClientStream& http, std::string_view body, Deadline deadline);
  void wake();
  void tell(const Answer& answer);

  Engine& engine_;
  const CollectorUrl& collector_;
  const HeadLimits& limits_;
  otlp::Resource resource_;
  std::string authority_;
  Dialer dialer_;
  std::unique_ptr<TlsClientContext> tls_;  // null: the collector is not https
  TraceQueue queue_;
  bool finishing_ = false;
  bool stopping_ = false;
  bool is_trouble_told_ = false;
  std::vector<std::string> lines_;
  // For wake() and stop(), while they wait.
  Sleep* sleeping_ = nullptr;
  ClientStream* talking_ = nullptr;
  Scope tasks_;
};

}  // namespace gg
