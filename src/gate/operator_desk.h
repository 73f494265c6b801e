// SPDX-License-Identifier: Apache-2.0
// Carries out what operators order through the admin interface, says who ordered what and when,
// and remembers it for those who wonder why an endpoint gets nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "admin/event_feed.h"
#include "admin/order.h"
#include "gate/flight_desk.h"
#include "gate/worker_thread.h"
#include "upstream/upstreams.h"

namespace gg {

/// Control thread. Everything given outlives it.
class OperatorDesk {
 public:
  /// `board` may be null: then a drain of the gateway ends with the worker process.
  OperatorDesk(SharedUpstreams& upstreams, HealthBoard* board, FlightDesk& flights,
               EventFeed& events);

  /// Who is told of other weights. Before the first order.
  void tell(const std::vector<std::unique_ptr<WorkerThread>>& workers) { workers_ = &workers; }

  OrderOutcome carry_out(const Order& order, const Moment& moment);

  /// Shall load balancers in front send nobody here, by an operator's will? Kept over reloads and
  /// deaths of worker processes, as drains, ejections and weights of endpoints are.
  bool gateway_drains() const;
  /// "root@host drained it at 12:34:56 UTC: a deploy", of one that drains.
  std::string why_it_drains(std::string_view upstream, std::string_view endpoint) const;
  /// What was said to the operator since it was asked last.
  std::vector<std::string> take_lines() { return std::exchange(lines_, {}); }

 private:
  struct Target {
    std::size_t upstream = 0;
    std::size_t endpoint = 0;
  };

  std::vector<Target> find(const Order& order) const;
  void carry_out_at(const Target& target, const Order& order, Instant now);
  void send_weight(const Target& target, std::uint32_t weight);
  void drop_idle_connections(const Target& target);
  void note(const Order& order, const std::string& upstream, const Moment& moment);
  OrderOutcome drain_gateway(const Order& order, const Moment& moment);

  SharedUpstreams& upstreams_;
  HealthCell own_;  // of the gateway, where there is no board
  HealthCell* gateway_;
  FlightDesk& flights_;
  EventFeed& events_;
  const std::vector<std::unique_ptr<WorkerThread>>* workers_ = nullptr;
  std::unordered_map<std::string, std::string> drained_;  // why, by upstream and endpoint
  std::vector<std::string> lines_;
};

}  // namespace gg
