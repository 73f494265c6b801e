// SPDX-License-Identifier: Apache-2.0
#include "gate/operator_desk.h"

#include "admin/error_json.h"
#include "report/log_time.h"
#include "upstream/health/health_text.h"

namespace gg {
namespace {

/// The gateway's own cell on the board: no upstream can be called so.
constexpr std::string_view own_name = "";

std::string key_of(std::string_view upstream, std::string_view endpoint) {
  return std::string(upstream) + " " + std::string(endpoint);
}

/// "root@host from 127.0.0.1:5000", as far as it is known.
std::string who(const Order& order) {
  std::string text = order.by.empty() ? "an operator" : order.by;
  return order.from.empty() ? text : text + " from " + order.from;
}

/// "drains 10.0.0.1:3000 of app".
std::string deed(const Order& order, const std::string& upstream) {
  if (order.is_for_gateway) {
    return order.kind == Order::Kind::drain ? "drains this gateway: /ready says 503"
                                            : "ends the drain of this gateway";
  }
  std::string whom = order.endpoint + " of " + upstream;
  switch (order.kind) {
    case Order::Kind::drain:
      return "drains " + whom;
    case Order::Kind::undrain:
      return "ends the drain of " + whom;
    case Order::Kind::eject:
      return "ejects " + whom + " for " + time_text(order.length);
    case Order::Kind::restore:
      return "restores " + whom;
    case Order::Kind::weight:
      if (order.weight == 0) return "gives " + whom + " its configured weight back";
      return "gives " + whom + " a weight of " + std::to_string(order.weight);
  }
  return "";
}

OrderOutcome refusal(int status, std::string_view reason) {
  return {.status = status, .json = error_json(reason)};
}

}  // namespace

OperatorDesk::OperatorDesk(SharedUpstreams& upstreams, HealthBoard* board, FlightDesk& flights,
                           EventFeed& events)
    : upstreams_(upstreams), gateway_(&own_), flights_(flights), events_(events) {
  HealthBoard::Found found;
  if (board != nullptr) found = board->find(own_name, own_name);
  if (found.cell != nullptr) gateway_ = found.cell;
}

bool OperatorDesk::gateway_drains() const {
  return (gateway_->word.load(std::memory_order_relaxed) >> health_bits::draining & 1) != 0;
}

std::string OperatorDesk::why_it_drains(std::string_view upstream,
                                        std::string_view endpoint) const {
  std::uint64_t words = 0;
  Order about{.endpoint = std::string(endpoint), .upstream = std::string(upstream)};
  for (const Target& target : find(about)) {
    words |= upstreams_.health(target.upstream).word(target.endpoint);
  }
  bool is_ordered = (words >> health_bits::draining & 1) != 0;
  bool is_withdrawn = (words >> health_bits::withdrawn & 1) != 0;
  if (is_withdrawn && !is_ordered) return "what names it has it drained";
  auto found = drained_.find(key_of(upstream, endpoint));
  // The one who ordered it may have told the worker process before this one.
  return found == drained_.end() ? "an operator drained it" : found->second;
}

std::vector<OperatorDesk::Target> OperatorDesk::find(const Order& order) const {
  std::vector<Target> found;
  for (std::size_t i = 0; i < upstreams_.size(); ++i) {
    const PoolHealth& pool = upstreams_.health(i);
    if (!order.upstream.empty() && pool.upstream() != order.upstream) continue;
    for (std::size_t j = 0; j < pool.size(); ++j) {
      bool is_it = pool.is_member(j) && pool.name(j) == order.endpoint;
      if (is_it) found.push_back({.upstream = i, .endpoint = j});
    }
  }
  return found;
}

OrderOutcome OperatorDesk::carry_out(const Order& order, const Moment& moment) {
  if (order.is_for_gateway) return drain_gateway(order, moment);
  std::vector<Target> targets = find(order);
  if (targets.empty()) {
    return refusal(404, order.upstream.empty()
                            ? "no upstream has an endpoint " + order.endpoint
                            : order.upstream + " has no endpoint " + order.endpoint);
  }
  std::string changed;
  for (const Target& target : targets) {
    carry_out_at(target, order, moment.now);
    std::string upstream(upstreams_.health(target.upstream).upstream());
    note(order, upstream, moment);
    changed += (changed.empty() ? "" : ", ") + json_string(upstream);
  }
  return {.json = "{\"done\": " + json_string(name_of(order.kind)) + ", \"endpoint\": " +
                  json_string(order.endpoint) + ", \"upstreams\": [" + changed + "]}\n"};
}

void OperatorDesk::carry_out_at(const Target& target, const Order& order, Instant now) {
  PoolHealth& pool = upstreams_.health(target.upstream);
  auto change = [&](auto step) { pool.change(target.endpoint, now, {}, step); };
  switch (order.kind) {
    case Order::Kind::drain:
      change([](const HealthState& state) { return after_drain_order(state, true); });
      drop_idle_connections(target);
      return;
    case Order::Kind::undrain:
      change([](const HealthState& state) { return after_drain_order(state, false); });
      return;
    case Order::Kind::eject:
      change([&](const HealthState& state) { return after_eject_order(state, order.length, now); });
      return;
    case Order::Kind::restore:
      change([](const HealthState& state) { return after_restore_order(state); });
      send_weight(target, 0);
      return;
    case Order::Kind::weight:
      send_weight(target, order.weight);
      return;
  }
}

void OperatorDesk::send_weight(const Target& target, std::uint32_t weight) {
  upstreams_.health(target.upstream).set_weight(target.endpoint, weight);
  for (const std::unique_ptr<WorkerThread>& worker : *workers_) {
    worker->run([target, weight](Worker& its) {
      Upstream& upstream = its.upstreams().at(target.upstream);
      std::uint32_t configured = upstream.endpoints()[target.endpoint]->settings().weight;
      upstream.set_weight(target.endpoint, weight == 0 ? configured : weight);
    });
  }
}

/// Nothing is sent there any more, and a server that waits for its last client may end.
void OperatorDesk::drop_idle_connections(const Target& target) {
  for (const std::unique_ptr<WorkerThread>& worker : *workers_) {
    worker->run([target](Worker& its) {
      its.upstreams().at(target.upstream).endpoints()[target.endpoint]->close_idle();
    });
  }
}

OrderOutcome OperatorDesk::drain_gateway(const Order& order, const Moment& moment) {
  std::uint64_t bit = std::uint64_t{1} << health_bits::draining;
  if (order.kind == Order::Kind::drain) {
    gateway_->word.fetch_or(bit, std::memory_order_relaxed);
  } else {
    gateway_->word.fetch_and(~bit, std::memory_order_relaxed);
  }
  note(order, "", moment);
  return {.json = "{\"done\": " + json_string(name_of(order.kind)) + "}\n"};
}

void OperatorDesk::note(const Order& order, const std::string& upstream, const Moment& moment) {
  std::string text = who(order) + " " + deed(order, upstream);
  if (!order.why.empty()) text += ": " + order.why;
  std::string key = key_of(upstream, order.endpoint);
  if (order.kind == Order::Kind::drain) {
    LogTime time;
    std::string when(time.rfc3339(moment.wall));
    drained_[key] = who(order) + " drained it at " + when.substr(0, 19) + "Z" +
                    (order.why.empty() ? "" : ": " + order.why);
  } else if (order.kind == Order::Kind::undrain || order.kind == Order::Kind::restore) {
    drained_.erase(key);
  }
  lines_.push_back(text);
  flights_.note(Change{.kind = Change::Kind::drain,
                       .when = moment.now,
                       .at = moment.wall,
                       .upstream = upstream,
                       .endpoint = order.endpoint,
                       .text = text});
  events_.tell({.at = moment.wall,
                .kind = "order",
                .upstream = upstream,
                .endpoint = order.endpoint,
                .text = text});
}

}  // namespace gg
