// SPDX-License-Identifier: Apache-2.0
#include "upstream/upstream.h"

#include <algorithm>
#include <limits>

namespace gg {

namespace {
constexpr Duration judgement_interval = 25ms;
constexpr Duration comparison_interval = 500ms;
/// Where nearly all requests must not be sent twice, one of them has to find out in the end.
constexpr Duration wait_for_bearable_risk = 5s;
}  // namespace

Upstream::Upstream(EndpointContext context, std::uint16_t slot)
    : settings_(context.settings),
      slot_(slot),
      balancer_(make_balancer(context.settings.balance.algorithm)),
      retry_budget_(context.settings.retry_budget) {
  for (const EndpointConfig& endpoint : settings_.endpoints) {
    endpoints_.push_back(std::make_unique<Endpoint>(context, endpoint, endpoints_.size()));
  }
  candidates_.reserve(endpoints_.size());
  figures_.reserve(endpoints_.size());
}

bool Upstream::has_untried(const Tried& tried) const {
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    const Endpoint& endpoint = *endpoints_[i];
    if (!tried.has(i) && endpoint.has_address() && !endpoint.health.is_draining()) return true;
  }
  return false;
}

Choice Upstream::choose(const Tried& tried, Instant now, Rng& rng, Risk risk) {
  if (now >= next_judgement_) judge(now);
  ++chosen_;
  Choice choice = choose_by(Standard::good, tried, now, rng, risk);
  if (choice.endpoint == nullptr) choice = choose_by(Standard::usable, tried, now, rng, risk);
  if (choice.endpoint == nullptr) choice = choose_by(Standard::anybody, tried, now, rng, risk);
  if (choice.endpoint == nullptr) {
    choice.why_none = why_nobody(tried);
  } else {
    choice.endpoint->health.note_chosen(chosen_, now);
  }
  return choice;
}

bool Upstream::meets(Standard standard, const Endpoint& endpoint, Instant now) {
  switch (standard) {
    case Standard::good:
      return endpoint.health.may_be_used(now) && !endpoint.health.is_grey(now);
    case Standard::usable:
      return endpoint.health.may_be_used(now);
    case Standard::anybody:
      return true;
  }
  return true;
}

Choice Upstream::choose_by(Standard standard, const Tried& tried, Instant now, Rng& rng,
                           Risk risk) {
  std::uint32_t tier = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t largest_share = 0;
  bool shares_differ = false;
  std::optional<std::size_t> due;
  Instant due_by = risk == Risk::bearable ? now : now - wait_for_bearable_risk;
  candidates_.clear();
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    Endpoint& endpoint = *endpoints_[i];
    if (tried.has(i) || !endpoint.has_address() || endpoint.health.is_draining()) continue;
    if (!meets(standard, endpoint, now)) continue;
    bool is_due = standard != Standard::anybody && endpoint.health.is_due_for_probe(now);
    if (is_due && !endpoint.health.is_due_for_probe(due_by)) continue;
    std::uint32_t its_tier = endpoint.settings().tier;
    if (its_tier > tier) continue;
    if (its_tier < tier) {
      candidates_.clear();
      due.reset();
      largest_share = 0;
      shares_differ = false;
    }
    tier = its_tier;
    if (is_due) {
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
    // Another thread sends it: it is not due any more.
    return choose_by(standard, tried, now, rng, risk);
  }
  if (candidates_.empty()) return {};
  if (standard == Standard::good && tried.empty() && risk == Risk::bearable) {
    if (std::optional<std::size_t> forgotten = due_for_trickle(tier, now)) return at(*forgotten);
  }
  if (shares_differ) thin_out(largest_share, now, rng);
  return at(static_cast<std::size_t>(balancer_->pick(candidates_, rng)));
}

/// One that has got nothing for a while, being grey, or because a balancer that looks at times
/// avoids it for an answer of long ago.
std::optional<std::size_t> Upstream::due_for_trickle(std::uint32_t tier, Instant now) const {
  bool looks_at_times = settings_.balance.algorithm == Balance::least_time;
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    const Endpoint& endpoint = *endpoints_[i];
    if (!endpoint.health.is_due_for_trickle(chosen_, now)) continue;
    bool waits_for_it =
        endpoint.health.is_grey(now) || (looks_at_times && endpoint.response_time.has_samples());
    bool may_have_it = endpoint.settings().tier == tier && endpoint.has_address() &&
                       endpoint.health.may_be_used(now) && !endpoint.health.is_due_for_probe(now);
    if (waits_for_it && may_have_it) return i;
  }
  return std::nullopt;
}

/// Looks at all endpoints together, now and then: does one hang, is one far worse than the others?
void Upstream::judge(Instant now) {
  next_judgement_ = now + judgement_interval;
  bool compares = now >= next_comparison_;
  if (compares) {
    next_comparison_ = now + comparison_interval;
    figures_.clear();
    for (const std::unique_ptr<Endpoint>& endpoint : endpoints_) {
      figures_.push_back(endpoint->health.figures(now));
    }
    Comparison comparison(figures_);
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
      endpoints_[i]->health.take_verdict(comparison.verdict(i), comparison.others_median(i), now);
    }
  }
  Duration longest = Duration::zero();
  for (const std::unique_ptr<Endpoint>& endpoint : endpoints_) {
    longest = std::max(longest, endpoint->health.hangs_after());
  }
  for (const std::unique_ptr<Endpoint>& endpoint : endpoints_) {
    endpoint->health.judge_hanging(longest, now);
  }
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
