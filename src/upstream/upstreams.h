// SPDX-License-Identifier: Apache-2.0
// All upstreams of one worker, in the order of the configuration.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "upstream/upstream.h"

namespace gg {

/// What the workers of one process share about upstreams: counts that a limit is checked against,
/// and health. Made once per configuration, before the workers.
class SharedUpstreams {
 public:
  /// With a board, health is what processes before this one left there. `config` and what is
  /// pointed to outlive the object; the listener hears from any thread.
  explicit SharedUpstreams(const Config& config, HealthBoard* board = nullptr,
                           HealthListener* listener = nullptr, Instant now = {});

  std::atomic<std::uint32_t>& connections(std::size_t upstream) {
    return states_[upstream].connections;
  }
  PoolHealth& health(std::size_t upstream) { return states_[upstream].health; }
  std::size_t size() const { return states_.size(); }
  std::atomic<std::uint32_t>& requests(std::size_t upstream) { return states_[upstream].requests; }
  /// One per upstream, null where nothing is https. Before the workers are made.
  void use(std::vector<std::unique_ptr<TlsClientContext>> contexts) { tls_ = std::move(contexts); }
  const TlsClientContext* tls(std::size_t upstream) const {
    return upstream < tls_.size() ? tls_[upstream].get() : nullptr;
  }
  /// By endpoint.
  std::span<QuickestAnswer> quickest(std::size_t upstream) { return states_[upstream].quickest; }

 private:
  struct alignas(64) State {
    State(const UpstreamConfig& settings, HealthBoard* board, HealthListener* listener, Instant now)
        : health(settings, board, listener, now), quickest(seats_of(settings)) {}

    std::atomic<std::uint32_t> connections{0};
    std::atomic<std::uint32_t> requests{0};
    alignas(64) PoolHealth health;
    std::vector<QuickestAnswer> quickest;
  };
  std::deque<State> states_;
  std::vector<std::unique_ptr<TlsClientContext>> tls_;
};

class Upstreams {
 public:
  /// Everything outlives the object. `slots`: of Counters, one per upstream.
  Upstreams(Engine& engine, const Config& config, const HeadLimits& limits, SharedUpstreams& shared,
            Counters& counters, std::span<const std::uint16_t> slots);

  /// By its place in Config::upstreams.
  Upstream& at(std::size_t index) { return *upstreams_[index]; }
  std::span<const std::unique_ptr<Upstream>> all() const { return upstreams_; }
  /// Closes every idle connection.
  void close_idle();

 private:
  std::uint64_t last_connection_id_ = 0;
  std::vector<std::unique_ptr<Upstream>> upstreams_;
};

}  // namespace gg
