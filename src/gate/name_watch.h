// SPDX-License-Identifier: Apache-2.0
// Keeps the addresses of endpoints that are configured by name: resolves at the start and whenever
// an answer's time is over, tells every worker, keeps the last good answer.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dns/resolver.h"
#include "gate/worker_thread.h"
#include "task/scope.h"

namespace gg {

class HealthChecks;

/// Control thread. Everything given outlives it.
class NameWatch {
 public:
  NameWatch(Engine& engine, Resolver& resolver, const Config& config,
            std::span<const std::unique_ptr<WorkerThread>> workers, HealthChecks* checks = nullptr);

  void start();
  /// Ends within a moment (the resolver must be stopped too): turn the engine until is_stopped().
  void stop();
  bool is_stopped() const { return tasks_.running() == 0; }
  /// Has every name been looked up once, with whatever answer?
  bool is_settled() const;

 private:
  /// One endpoint's place: Config::upstreams[upstream].endpoints[endpoint].
  struct Watched {
    std::size_t upstream = 0;
    std::size_t endpoint = 0;
    std::string name;
    std::vector<Address> addresses;  // that the workers were told
    bool complained = false;
    bool was_asked = false;
    Sleep* sleeping = nullptr;
  };

  Task<void> watch(Watched& watched);
  Duration take(Watched& watched, const Result<Resolved, DnsError>& answer);
  void tell_addresses(const Watched& watched);
  void tell_failure(const Watched& watched, DnsError error);

  Engine& engine_;
  Resolver& resolver_;
  std::span<const std::unique_ptr<WorkerThread>> workers_;
  HealthChecks* checks_;  // told as the workers are; null: there are none
  std::vector<std::unique_ptr<Watched>> watched_;
  bool stopping_ = false;
  Scope tasks_;
};

}  // namespace gg
