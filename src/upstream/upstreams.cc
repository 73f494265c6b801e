// SPDX-License-Identifier: Apache-2.0
#include "upstream/upstreams.h"

namespace gg {

SharedUpstreams::SharedUpstreams(const Config& config, HealthBoard* board, HealthListener* listener,
                                 Instant now) {
  for (const UpstreamConfig& settings : config.upstreams) {
    states_.emplace_back(settings, board, listener, now);
  }
}

Upstreams::Upstreams(Engine& engine, const Config& config, const HeadLimits& limits,
                     SharedUpstreams& shared, Counters& counters,
                     std::span<const std::uint16_t> slots) {
  GG_ASSERT(slots.size() == config.upstreams.size());
  for (std::size_t i = 0; i < config.upstreams.size(); ++i) {
    EndpointContext context{.engine = engine,
                            .settings = config.upstreams[i],
                            .limits = limits,
                            .connections = shared.connections(i),
                            .requests = shared.requests(i),
                            .quickest = shared.quickest(i),
                            .counters = counters.upstream(slots[i]),
                            .last_connection_id = last_connection_id_,
                            .health = shared.health(i),
                            .tls = shared.tls(i),
                            .own_zone = config.zone};
    upstreams_.push_back(std::make_unique<Upstream>(context, slots[i]));
  }
}

void Upstreams::close_idle() {
  for (const std::unique_ptr<Upstream>& upstream : upstreams_) {
    for (const std::unique_ptr<Endpoint>& endpoint : upstream->endpoints()) endpoint->close_idle();
  }
}

}  // namespace gg
