// SPDX-License-Identifier: Apache-2.0
// Endpoints from name servers: the addresses or the SRV records of a name. Asks when an answer's
// time is over, and soon when an endpoint cannot be connected to.
#pragma once

#include <optional>
#include <string>

#include "discovery/source.h"
#include "dns/services.h"
#include "engine/engine.h"
#include "task/scope.h"

namespace gg {

class NameSource final : public Source {
 public:
  /// `settings` has a `discover` with dns or srv. Everything outlives the source; its resolver and
  /// finder are stopped when it is.
  NameSource(Engine& engine, Resolver& resolver, ServiceFinder& services, std::size_t upstream,
             const UpstreamConfig& settings, SourceListener& listener);

  void start() override { tasks_.start(watch()); }
  void stop() override;
  bool is_stopped() const override { return tasks_.running() == 0; }
  void doubt(std::optional<Instant> unreachable_since) override;

 private:
  Task<void> watch();
  Task<Duration> ask();
  Duration take_failure(DnsError error);
  template <class Found>
  Duration take(const Result<Found, DnsError>& answer);
  Instant when_to_ask(Instant due) const;

  Engine& engine_;
  Resolver& resolver_;
  ServiceFinder& services_;
  std::size_t upstream_;
  const UpstreamConfig& settings_;
  const DiscoverConfig& discover_;
  SourceListener& listener_;
  std::optional<Instant> doubted_since_;
  Instant asked_{};  // last
  Sleep* sleeping_ = nullptr;
  bool stopping_ = false;
  Scope tasks_;
};

}  // namespace gg
