// SPDX-License-Identifier: Apache-2.0
// A worker on a thread of its own: starts it, turns its engine, ends it.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "engine/epoll/epoll_engine.h"
#include "gate/worker.h"
#include "report/access_log.h"
#include "report/flight_recorder.h"
#include "report/trace_recorder.h"

namespace gg {

/// Made, started and destroyed by the control thread.
class WorkerThread {
 public:
  /// `log` may be null: no access log. Everything given outlives the object.
  static Result<std::unique_ptr<WorkerThread>, IoError> make(WorkerShared shared, LogWriter* log);
  WorkerThread(const WorkerThread&) = delete;
  WorkerThread& operator=(const WorkerThread&) = delete;
  /// Waits for the thread, which must have been told to drain or cut.
  ~WorkerThread();

  void start(std::vector<WorkerListener> listeners);
  enum class Phase : std::uint8_t { starting, accepting, failed, stopped };
  Phase phase() const { return phase_.load(std::memory_order_acquire); }

  /// As Worker's; any thread.
  void drain(Duration patience = Duration::zero());
  void cut();
  /// Runs `call` on the worker's thread soon. Any thread.
  template <class Call>
  void run(Call call);

  const Counters& counters() const { return worker_.counters(); }
  /// What to read its flight records from. Control thread.
  FlightRecorder& flight_recorder() { return flight_recorder_; }
  /// Null: nobody traces. Control thread.
  TraceRecorder* trace_recorder() { return trace_recorder_.get(); }

 private:
  WorkerThread(std::unique_ptr<EpollEngine> engine, WorkerShared shared, LogWriter* log);
  void main(const std::vector<WorkerListener>& listeners);
  void housekeeping();

  std::unique_ptr<EpollEngine> engine_;
  Worker worker_;
  FlightRecorder flight_recorder_;
  std::unique_ptr<TraceRecorder> trace_recorder_;  // null: none
  std::unique_ptr<AccessLog> access_log_;          // likewise
  bool ending_ = false;
  Instant next_housekeeping_{};
  std::atomic<Phase> phase_{Phase::starting};
  std::thread thread_;
};

template <class Call>
void WorkerThread::run(Call call) {
  class CallMessage final : public Message {
   public:
    CallMessage(Worker& worker, Call wanted) : worker_(worker), call_(std::move(wanted)) {}
    void run() override { call_(worker_); }

   private:
    Worker& worker_;
    Call call_;
  };
  engine_->post(std::make_unique<CallMessage>(worker_, std::move(call)));
}

}  // namespace gg
