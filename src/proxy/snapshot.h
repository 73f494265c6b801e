// SPDX-License-Identifier: Apache-2.0
// One immutable compiled configuration: what every exchange of it shares, on all threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.h"
#include "http1/server.h"
#include "http2/settings.h"
#include "proxy/hedge.h"
#include "proxy/router.h"
#include "record/counter_slots.h"
#include "rules/route_rules.h"

namespace gg {

/// Made once from a valid configuration, read by any thread. An exchange keeps the snapshot it
/// began with.
class Snapshot {
 public:
  /// `routes` and `upstreams` give names their slots of Counters.
  Snapshot(std::shared_ptr<const Config> config, std::uint64_t generation, CounterSlots& routes,
           CounterSlots& upstreams);
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  const Config& config() const { return *config_; }
  /// The configuration itself, for those who outlive the snapshot.
  const std::shared_ptr<const Config>& shared_config() const { return config_; }
  std::uint64_t generation() const { return generation_; }
  const Router& router() const { return router_; }

  /// Of one of config().routes: its upstream's place in config().upstreams.
  std::size_t upstream_of(const RouteConfig& route) const { return facts_of(route).upstream; }
  /// "shop.example/api/": what the route is called in logs and metrics. Borrowed from here.
  std::string_view label_of(const RouteConfig& route) const { return facts_of(route).label; }
  std::uint16_t slot_of(const RouteConfig& route) const { return facts_of(route).slot; }
  /// Of one of config().routes: its place there.
  std::size_t index_of(const RouteConfig& route) const {
    return static_cast<std::size_t>(&route - config_->routes.data());
  }
  const HedgeRule& hedge_rule_of(const RouteConfig& route) const { return facts_of(route).hedge; }
  /// Of a route that has several: the place of one of them in config().upstreams.
  std::size_t split_upstream_of(const RouteConfig& route, std::size_t which) const {
    return facts_of(route).split[which];
  }
  /// Of a route whose rules ask a service, or copy requests: those places there.
  std::size_t auth_upstream_of(const RouteConfig& route) const { return facts_of(route).auth; }
  std::size_t mirror_upstream_of(const RouteConfig& route) const { return facts_of(route).mirror; }
  /// Null for a route that has none.
  const RouteRules* rules_of(const RouteConfig& route) const { return facts_of(route).rules.get(); }
  /// One per upstream, in the configuration's order.
  std::span<const std::uint16_t> upstream_slots() const { return upstream_slots_; }

  /// This deployment's name in Via and Proxy-Status: configured, or the machine's with a mark of
  /// the listeners, so that two gateways on one machine are not taken for a loop.
  const std::string& name() const { return name_; }
  /// "1.1 name": our entry in Via for a request that came as HTTP/1.1.
  const std::string& via() const { return via_; }

  const Http1ServerSettings& http1_server() const { return http1_server_; }
  const Http2ServerSettings& http2_server() const { return http2_server_; }
  const HeadLimits& head_limits() const { return http1_server_.limits; }

  /// Is that peer a proxy whose forwarding fields are believed?
  bool trusts(const Address& peer) const;

 private:
  struct RouteFacts {
    std::string label;
    std::size_t upstream = 0;
    std::vector<std::size_t> split;  // upstreams, in the order of its rule
    std::size_t auth = 0;            // the upstream that is asked
    std::size_t mirror = 0;          // the one that gets copies
    std::uint16_t slot = 0;
    HedgeRule hedge;
    std::unique_ptr<const RouteRules> rules;
  };
  const RouteFacts& facts_of(const RouteConfig& route) const { return routes_[index_of(route)]; }

  std::shared_ptr<const Config> config_;
  std::uint64_t generation_;
  std::vector<RouteFacts> routes_;
  std::vector<std::uint16_t> upstream_slots_;
  Router router_;
  std::string name_;
  std::string via_;
  Http1ServerSettings http1_server_;
  Http2ServerSettings http2_server_;
};

}  // namespace gg
