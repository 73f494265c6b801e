// SPDX-License-Identifier: Apache-2.0
// Keeps the addresses of endpoints that are configured by name: resolves at the start, whenever an
// answer's time is over and when an endpoint cannot be connected to; tells every worker, keeps the
// last good answer.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dns/lookup_times.h"
#include "dns/resolver.h"
#include "gate/worker_thread.h"
#include "task/scope.h"

namespace gg {

class FlightDesk;
class HealthChecks;
class SharedUpstreams;

/// Control thread. Everything given outlives it.
class NameWatch {
 public:
  NameWatch(Engine& engine, Resolver& resolver, const Config& config,
            std::span<const std::unique_ptr<WorkerThread>> workers, HealthChecks* checks = nullptr,
            SharedUpstreams* health = nullptr);

  void start();
  /// Watches the name of an endpoint that has come, if it has one; after start().
  void add(std::size_t upstream, std::size_t endpoint, const EndpointUrl& url);
  /// It is no member any more.
  void remove(std::size_t upstream, std::size_t endpoint);
  /// Ends within a moment (the resolver must be stopped too): turn the engine until is_stopped().
  void stop();
  bool is_stopped() const { return tasks_.running() == 0; }
  /// Is told of every change; null: nobody is.
  void tell(FlightDesk* flights) { flights_ = flights; }
  /// The health of an endpoint has changed.
  void wake();
  /// Has every name been looked up once, with whatever answer?
  bool is_settled() const;

 private:
  /// One endpoint's place: Config::upstreams[upstream] and its seat there.
  struct Watched {
    std::size_t upstream = 0;
    std::size_t endpoint = 0;
    std::string name;
    std::vector<Address> addresses;  // that the workers were told
    bool complained = false;
    bool was_asked = false;
    Instant asked{};  // last
    Sleep* sleeping = nullptr;
    bool is_gone = false;
  };

  Watched* note(std::size_t upstream, std::size_t endpoint, const EndpointUrl& url);
  bool is_over(const Watched& watched) const { return stopping_ || watched.is_gone; }
  Task<void> watch(Watched& watched);
  Duration take(Watched& watched, const Result<Resolved, DnsError>& answer);
  bool is_unreachable(const Watched& watched) const;
  Instant when_to_ask(const Watched& watched, Instant due) const;
  void note(const Watched& watched, const std::string& text);
  void tell_addresses(const Watched& watched);
  void tell_failure(const Watched& watched, DnsError error);

  Engine& engine_;
  Resolver& resolver_;
  std::span<const std::unique_ptr<WorkerThread>> workers_;
  HealthChecks* checks_;     // told as the workers are; null: there are none
  SharedUpstreams* health_;  // null: nothing is known of it
  const Config& config_;
  FlightDesk* flights_ = nullptr;
  std::vector<std::unique_ptr<Watched>> watched_;
  bool stopping_ = false;
  Scope tasks_;
};

}  // namespace gg
