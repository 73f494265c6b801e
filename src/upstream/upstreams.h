// SPDX-License-Identifier: Apache-2.0
// All upstreams of one worker, in the order of the configuration.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "upstream/upstream.h"

namespace gg {

/// What the workers of one process share about upstreams: counts that a limit is checked against.
/// Made once per configuration, before the workers.
class SharedUpstreams {
 public:
  explicit SharedUpstreams(const Config& config) : states_(config.upstreams.size()) {}

  std::atomic<std::uint32_t>& connections(std::size_t upstream) {
    return states_[upstream].connections;
  }

 private:
  struct alignas(64) State {
    std::atomic<std::uint32_t> connections{0};
  };
  std::vector<State> states_;
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
