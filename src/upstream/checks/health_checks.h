// SPDX-License-Identifier: Apache-2.0
// Looks after endpoints without waiting for requests: connects to one that failed until it can be
// reached again, and asks each for a page where the configuration says so. Once per process.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/engine.h"
#include "http/stream.h"
#include "task/scope.h"
#include "upstream/checks/check_plan.h"
#include "upstream/upstreams.h"

namespace gg {

/// The control thread's, or whoever's engine it is given. Results go to the shared health, where
/// every worker sees them.
class HealthChecks {
 public:
  /// Everything outlives it. `config` is that of `shared`.
  HealthChecks(Engine& engine, const Config& config, const HeadLimits& limits,
               SharedUpstreams& shared);
  HealthChecks(const HealthChecks&) = delete;
  HealthChecks& operator=(const HealthChecks&) = delete;
  ~HealthChecks();

  void start();
  /// Ends within a moment: turn the engine until is_stopped().
  void stop();
  bool is_stopped() const { return tasks_.running() == 0; }

  /// Has the seat's endpoint looked after from now on; it is a member (members/seats.h).
  void add(std::size_t upstream, std::size_t endpoint, const EndpointUrl& url);
  /// It is none any more.
  void remove(std::size_t upstream, std::size_t endpoint);
  /// What the name of an endpoint stands for from now on; their ports do not matter.
  void set_addresses(std::size_t upstream, std::size_t endpoint, std::vector<Address> addresses);
  /// The health of some endpoint has changed: look again when it is to be checked.
  void wake();

 private:
  struct Checked;

  Task<void> run();
  void forget_the_gone();
  void start_those_due(Instant now, Instant& next);
  bool is_due(Checked& checked, bool nobody_is_in, Instant now, Instant& next);
  Task<void> check(Checked& checked, bool nobody_is_in);
  Task<std::unique_ptr<ByteStream>> open(Checked& checked, Deadline deadline);
  Task<bool> answers_well(Checked& checked, Deadline deadline);
  Task<Result<bool, StreamError>> ask_by_http2(Checked& checked, std::unique_ptr<ByteStream> bytes,
                                               Deadline deadline);
  Task<Result<bool, StreamError>> ask(Checked& checked, ClientStream& http, Deadline deadline);
  void take_connect_result(Checked& checked, bool passed, Instant now);
  void take_answer(Checked& checked, bool passed, Instant now);

  Engine& engine_;
  const Config& config_;
  const HeadLimits& limits_;
  SharedUpstreams& shared_;
  std::vector<std::unique_ptr<Checked>> checked_;
  std::size_t running_checks_ = 0;
  bool stopping_ = false;
  bool woken_ = false;
  Sleep* sleeping_ = nullptr;
  Scope tasks_;
};

}  // namespace gg
