// SPDX-License-Identifier: Apache-2.0
#include "upstream/upstream.h"

#include <algorithm>
#include <limits>

namespace gg {

Upstream::Upstream(EndpointContext context, std::uint16_t slot)
    : settings_(context.settings),
      slot_(slot),
      balancer_(make_balancer(context.settings.balance.algorithm)),
      retry_budget_(context.settings.retry_budget) {
  for (const EndpointConfig& endpoint : settings_.endpoints) {
    endpoints_.push_back(std::make_unique<Endpoint>(context, endpoint, endpoints_.size()));
  }
  candidates_.reserve(endpoints_.size());
}

bool Upstream::has_untried(const Tried& tried) const {
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    const Endpoint& endpoint = *endpoints_[i];
    if (!tried.has(i) && endpoint.has_address() && !endpoint.health.is_draining()) return true;
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
  std::uint32_t largest_share = 0;
  bool shares_differ = false;
  std::optional<std::size_t> due;
  candidates_.clear();
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    Endpoint& endpoint = *endpoints_[i];
    if (tried.has(i) || !endpoint.has_address() || endpoint.health.is_draining()) continue;
    if (standard == Standard::usable && !endpoint.health.may_be_used(now)) continue;
    std::uint32_t its_tier = endpoint.settings().tier;
    if (its_tier > tier) continue;
    if (its_tier < tier) {
      candidates_.clear();
      due.reset();
      largest_share = 0;
      shares_differ = false;
    }
    tier = its_tier;
    if (standard == Standard::usable && endpoint.health.is_due_for_probe(now)) {
      due = i;
      continue;
    }
    std::uint32_t share = endpoint.health.share(now);
    shares_differ = shares_differ || (!candidates_.empty() && share != largest_share);
    largest_share = std::max(largest_share, share);
    candidates_.push_back({.index = static_cast<EndpointIndex>(i),
                           .weight = endpoint.settings().weight,
                           .requests_in_flight = endpoint.requests_in_flight,
                           .expected_time = endpoint.response_time.value(now)});
  }

  // One request now, whoever else is faster; a retry only if nobody is proven.
  if (due && (tried.empty() || candidates_.empty())) {
    if (endpoints_[*due]->health.claim_probe(now)) return at(*due);
    return choose_by(standard, tried, now, rng);  // another thread sends it: it is not due any more
  }
  if (candidates_.empty()) return {};
  if (shares_differ) thin_out(largest_share, now, rng);
  return at(static_cast<std::size_t>(balancer_->pick(candidates_, rng)));
}

/// Who is to have a part of its share only takes part in that part of the choices. At least one
/// that has the largest share stays.
void Upstream::thin_out(std::uint32_t largest_share, Instant now, Rng& rng) {
  std::erase_if(candidates_, [&](const Candidate& candidate) {
    std::uint32_t share = endpoints_[static_cast<std::size_t>(candidate.index)]->health.share(now);
    return share < largest_share && rng.below(largest_share) >= share;
  });
}

Fault Upstream::why_nobody(const Tried& tried) const {
  if (endpoints_.empty()) return Fault::empty_upstream;
  bool one_drains = false;
  for (const std::unique_ptr<Endpoint>& endpoint : endpoints_) {
    if (!endpoint->has_address()) continue;
    if (!endpoint->health.is_draining()) return Fault::no_healthy_endpoint;
    one_drains = true;
  }
  if (one_drains) return Fault::all_endpoints_draining;
  return tried.empty() ? classify(endpoints_.front()->dns_error()) : Fault::no_healthy_endpoint;
}

}  // namespace gg
