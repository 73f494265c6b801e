// SPDX-License-Identifier: Apache-2.0
// A thread that turns an engine for some work until the work is told to stop and has. The demo's
// origins and clients each have one.
#pragma once

#include <pthread.h>

#include <atomic>
#include <thread>

#include "engine/engine.h"

namespace gg {

/// Work: start(), stop() and is_stopped(), all called on the thread.
template <class Work>
class EngineThread {
 public:
  /// The work has started when this returns. Both outlive the thread, and belong to it until stop()
  /// has returned. `name`: at most 15 characters.
  EngineThread(Engine& engine, Work& work, const char* name)
      : thread_([this, &engine, &work, name] { main(engine, work, name); }) {
    started_.wait(false, std::memory_order_acquire);
  }
  EngineThread(const EngineThread&) = delete;
  EngineThread& operator=(const EngineThread&) = delete;
  ~EngineThread() { stop(); }

  /// Returns when the work has stopped.
  void stop() {
    stopping_.store(true, std::memory_order_release);
    if (thread_.joinable()) thread_.join();
  }

 private:
  static constexpr Duration longest_turn = 20ms;  // also how late a stop may be noticed

  void main(Engine& engine, Work& work, const char* name) {
    pthread_setname_np(pthread_self(), name);
    engine.turn(Duration::zero());  // the clock may stand at when the engine was made
    work.start();
    started_.store(true, std::memory_order_release);
    started_.notify_one();
    while (!stopping_.load(std::memory_order_acquire)) engine.turn(longest_turn);
    work.stop();
    while (!work.is_stopped()) engine.turn(longest_turn);
  }

  std::atomic<bool> started_{false};
  std::atomic<bool> stopping_{false};
  std::thread thread_;  // last: it uses what stands above
};

}  // namespace gg
