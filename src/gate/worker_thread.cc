// SPDX-License-Identifier: Apache-2.0
#include "gate/worker_thread.h"

#include <pthread.h>

#include "gate/log_outlet.h"

namespace gg {

namespace {

constexpr Duration housekeeping_interval = 200ms;
/// Idle buffers that a worker keeps through a quiet time.
constexpr std::size_t idle_buffers_kept = std::size_t{4} << 20;

LogLayout layout_of(const LogFormat& format) {
  switch (format.kind) {
    case LogFormat::Kind::json:
      return LogLayout::json();
    case LogFormat::Kind::combined:
      return LogLayout::combined();
    case LogFormat::Kind::custom:
      break;
  }
  // Checked with the rest of the configuration.
  return *LogLayout::compile(format.pattern);
}

}  // namespace

Result<std::unique_ptr<WorkerThread>, IoError> WorkerThread::make(WorkerShared shared,
                                                                  LogWriter* log) {
  Result<std::unique_ptr<EpollEngine>, IoError> engine = EpollEngine::make();
  if (!engine) return Failure(engine.error());
  return std::unique_ptr<WorkerThread>(new WorkerThread(std::move(*engine), shared, log));
}

WorkerThread::WorkerThread(std::unique_ptr<EpollEngine> engine, WorkerShared shared, LogWriter* log)
    : engine_(std::move(engine)),
      worker_(*engine_, shared, nullptr),
      flight_recorder_(shared.snapshot.generation()) {
  worker_.add_sink(flight_recorder_);
  if (shared.snapshot.config().traces.collector) {
    trace_recorder_ = std::make_unique<TraceRecorder>(shared.snapshot.generation());
    worker_.add_sink(*trace_recorder_);
  }
  if (log == nullptr) return;
  const LogConfig& settings = shared.snapshot.config().log;
  access_log_ = std::make_unique<AccessLog>(
      layout_of(settings.format), *log, worker_.counters().access_log_dropped,
      AccessLogSettings{.keep = KeepRule(settings.sample, settings.slow),
                        .is_marked = LogOutlet::wants_marks(settings.access)});
  worker_.add_sink(*access_log_);
}

WorkerThread::~WorkerThread() {
  if (thread_.joinable()) thread_.join();
}

void WorkerThread::start(std::vector<WorkerListener> listeners) {
  thread_ = std::thread([this, listeners = std::move(listeners)] { main(listeners); });
}

void WorkerThread::main(const std::vector<WorkerListener>& listeners) {
  pthread_setname_np(pthread_self(), "gg-worker");
  bool all_listen = true;
  for (const WorkerListener& listener : listeners) {
    all_listen = worker_.listen(listener).has_value() && all_listen;
  }
  phase_.store(all_listen ? Phase::accepting : Phase::failed, std::memory_order_release);
  while (!ending_ || !worker_.is_stopped()) {
    engine_->turn(housekeeping_interval);
    if (engine_->now() >= next_housekeeping_) housekeeping();
  }
  worker_.upstreams().close_idle();
  if (access_log_ != nullptr) access_log_->flush();
  phase_.store(Phase::stopped, std::memory_order_release);
}

void WorkerThread::housekeeping() {
  next_housekeeping_ = engine_->now() + housekeeping_interval;
  if (access_log_ != nullptr) access_log_->flush();
  if (worker_.sessions() == 0) engine_->buffers().trim(idle_buffers_kept);
}

void WorkerThread::drain(Duration patience) {
  run([this, patience](Worker& worker) {
    ending_ = true;
    worker.drain(patience);
  });
}

void WorkerThread::cut() {
  run([this](Worker& worker) {
    ending_ = true;
    worker.cut();
  });
}

}  // namespace gg
