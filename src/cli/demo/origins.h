// SPDX-License-Identifier: Apache-2.0
// The demo's origins, each behaving as the schedule says. Run by an EngineThread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/demo/origin.h"

namespace gg {

class DemoOrigins {
 public:
  /// `began`: when the schedule starts. Fails with a sentence.
  static Result<std::unique_ptr<DemoOrigins>, std::string> make(Engine& engine,
                                                                DemoSchedule schedule,
                                                                Instant began);
  DemoOrigins(const DemoOrigins&) = delete;
  DemoOrigins& operator=(const DemoOrigins&) = delete;
  ~DemoOrigins() = default;

  /// "127.0.0.1:41231", in order. Any thread.
  std::vector<std::string> addresses() const;

  // The engine's thread.
  void start();
  void stop();
  bool is_stopped() const;

 private:
  DemoOrigins(Engine& engine, DemoSchedule schedule, Instant began);
  void behave();
  Task<void> follow_schedule();

  Engine& engine_;
  DemoSchedule schedule_;
  Instant began_;
  std::vector<std::unique_ptr<DemoOrigin>> origins_;
  bool stopping_ = false;
  Scope tasks_;
};

}  // namespace gg
