// SPDX-License-Identifier: Apache-2.0
#include "upstream/upstream.h"

#include <limits>

namespace gg {

Upstream::Upstream(EndpointContext context, std::uint16_t slot)
    : settings_(context.settings),
      slot_(slot),
      balancer_(make_balancer(context.settings.balance.algorithm)),
      retry_budget_(context.settings.retry_budget) {
  for (const EndpointConfig& endpoint : settings_.endpoints) {
    endpoints_.push_back(std::make_unique<Endpoint>(context, endpoint));
  }
  candidates_.reserve(endpoints_.size());
}

bool Upstream::has_untried(const Tried& tried) const {
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    if (!tried.has(i) && endpoints_[i]->has_address()) return true;
  }
  return false;
}

Choice Upstream::choose(const Tried& tried, Instant now, Rng& rng) {
  Choice choice = choose_by(Standard::usable, tried, now, rng);
  if (choice.endpoint == nullptr) choice = choose_by(Standard::anybody, tried, now, rng);
  if (choice.endpoint == nullptr) choice.why_none = why_nobody(tried);
  return choice;
}

Choice Upstream::choose_by(Standard standard, const Tried& tried, Instant now, Rng& rng) {
  std::uint32_t tier = std::numeric_limits<std::uint32_t>::max();
  candidates_.clear();
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    Endpoint& endpoint = *endpoints_[i];
    if (tried.has(i) || !endpoint.has_address()) continue;
    if (standard == Standard::usable && !endpoint.ejection.may_be_used(now)) continue;
    std::uint32_t its_tier = endpoint.settings().tier;
    if (its_tier > tier) continue;
    if (its_tier < tier) candidates_.clear();
    tier = its_tier;
    candidates_.push_back({.index = static_cast<EndpointIndex>(i),
                           .weight = endpoint.settings().weight,
                           .requests_in_flight = endpoint.requests_in_flight,
                           .expected_time = endpoint.response_time.value(now)});
  }
  if (candidates_.empty()) return {};

  // One endpoint that is due for its probe takes one request now, whoever else is faster.
  auto index = static_cast<std::size_t>(balancer_->pick(candidates_, rng));
  for (const Candidate& candidate : candidates_) {
    auto i = static_cast<std::size_t>(candidate.index);
    if (endpoints_[i]->ejection.state() == Ejection::State::out) index = i;
  }
  return {.endpoint = endpoints_[index].get(), .index = index};
}

Fault Upstream::why_nobody(const Tried& tried) const {
  if (endpoints_.empty()) return Fault::empty_upstream;
  for (const std::unique_ptr<Endpoint>& endpoint : endpoints_) {
    if (endpoint->has_address()) return Fault::no_healthy_endpoint;
  }
  return tried.empty() ? classify(endpoints_.front()->dns_error()) : Fault::no_healthy_endpoint;
}

}  // namespace gg
