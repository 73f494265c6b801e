// SPDX-License-Identifier: Apache-2.0
#include "upstream/upstream.h"

#include <algorithm>

#include "upstream/balance/rendezvous.h"
#include "upstream/health/rest.h"

namespace gg {

namespace {
constexpr Duration judgement_interval = 25ms;
constexpr Duration comparison_interval = 500ms;
/// Where nearly all requests must not be sent twice, one of them has to find out in the end.
constexpr Duration wait_for_bearable_risk = 5s;
/// Of a seat without a member, in the comparison of all.
constexpr EndpointFigures nobodys_figures = {.is_in = false};
}  // namespace

Upstream::Upstream(EndpointContext context, std::uint16_t slot)
    : context_(context),
      settings_(context.settings),
      slot_(slot),
      balancer_(make_balancer(context.settings.balance.algorithm)),
      retry_budget_(context.settings.retry_budget),
      admission_(context.engine, context.settings.limits, endpoints_, context.requests,
                 context.counters) {
  for (const EndpointConfig& endpoint : settings_.endpoints) {
    endpoints_.push_back(std::make_unique<Endpoint>(context, endpoint, endpoints_.size()));
  }
  rearrange();
}

/// There are other members than before.
void Upstream::rearrange() {
  candidates_.reserve(endpoints_.size());
  figures_.reserve(endpoints_.size());
  divide_into_levels();
  admission_.limits_changed();
}

/// Tiers in their order, and in each the gateway's own zone before the others.
void Upstream::divide_into_levels() {
  std::string_view own_zone = context_.own_zone;
  auto place_of = [own_zone](const EndpointConfig& endpoint) {
    bool is_elsewhere = !own_zone.empty() && endpoint.zone != own_zone;
    return 2 * endpoint.tier + (is_elsewhere ? 1U : 0U);
  };
  std::vector<std::uint32_t> places;
  for (const std::unique_ptr<Endpoint>& endpoint : endpoints_) {
    if (endpoint->is_member()) places.push_back(place_of(endpoint->settings()));
  }
  std::ranges::sort(places);
  places.erase(std::ranges::unique(places).begin(), places.end());
  levels_.assign(places.size(), Level{});
  level_of_.assign(endpoints_.size(), 0);
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    const Endpoint& endpoint = *endpoints_[i];
    if (!endpoint.is_member()) continue;
    auto place = std::ranges::lower_bound(places, place_of(endpoint.settings()));
    level_of_[i] = static_cast<std::uint32_t>(place - places.begin());
    levels_[level_of_[i]].all += std::uint64_t{endpoint.weight} * Candidate::full_share;
  }
}

void Upstream::seat(std::size_t index, const EndpointConfig& settings) {
  GG_ASSERT(index <= endpoints_.size());
  if (index == endpoints_.size()) {
    endpoints_.push_back(std::make_unique<Endpoint>(context_, settings, index));
  } else if (endpoints_[index]->settings().url == settings.url) {
    endpoints_[index]->join(settings);
  } else {
    GG_ASSERT(endpoints_[index]->is_unused());
    endpoints_[index] = std::make_unique<Endpoint>(context_, settings, index);
  }
  rearrange();
}

void Upstream::unseat(std::size_t index) {
  endpoints_[index]->leave();
  rearrange();
}

std::size_t Upstream::members() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      endpoints_, [](const std::unique_ptr<Endpoint>& endpoint) { return endpoint->is_member(); }));
}

bool Upstream::may_decline() const {
  return std::ranges::any_of(endpoints_, [](const std::unique_ptr<Endpoint>& endpoint) {
    return endpoint->speaks_http2();
  });
}

void Upstream::set_weight(std::size_t endpoint, std::uint32_t weight) {
  if (!endpoints_[endpoint]->is_member()) return;
  std::uint64_t& all = levels_[level_of_[endpoint]].all;
  all -= std::uint64_t{endpoints_[endpoint]->weight} * Candidate::full_share;
  endpoints_[endpoint]->weight = weight;
  all += std::uint64_t{weight} * Candidate::full_share;
}

bool Upstream::has_untried(const Tried& tried) const {
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    const Endpoint& endpoint = *endpoints_[i];
    if (!tried.has(i) && endpoint.has_address() && !endpoint.health.is_draining()) return true;
  }
  return false;
}

void Upstream::let_rest(Endpoint& endpoint, Duration asked, Instant now) {
  RestQuestion question{
      .asked = asked, .endpoints = members(), .at_most = settings_.eject.at_most.fraction()};
  for (const std::unique_ptr<Endpoint>& other : endpoints_) {
    const EndpointHealth& health = other->health;
    bool is_there = other->has_address() && health.is_at_work(now);
    bool is_other = other.get() != &endpoint && other->is_member();
    if (is_other && !is_there) ++question.others_away;
  }
  Duration rest = rest_for(question);
  if (rest > Duration::zero()) endpoint.health.rest(rest, now);
}

Choice Upstream::choose(const Tried& tried, Instant now, Rng& rng, Risk risk,
                        const ChoiceKey& key) {
  if (now >= next_judgement_) judge(now);
  ++chosen_;
  Question question{.tried = tried, .now = now, .rng = rng, .risk = risk, .key = key};
  Choice choice;
  if (std::optional<std::size_t> named = named_by(question)) {
    choice = at(*named);
    choice.is_named = true;
  }
  for (Standard standard : {Standard::good, Standard::usable, Standard::anybody}) {
    if (choice.endpoint == nullptr) choice = choose_by(standard, question);
  }
  if (choice.endpoint == nullptr) {
    choice.why_none = why_nobody(tried);
  } else {
    choice.endpoint->health.note_chosen(chosen_, now);
  }
  return choice;
}

/// The endpoint that the client's cookie names. A slow one keeps its clients: what they have there
/// is worth more.
std::optional<std::size_t> Upstream::named_by(const Question& question) const {
  if (question.key.mark == 0) return std::nullopt;
  Instant now = question.now;
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    const Endpoint& endpoint = *endpoints_[i];
    if (endpoint.sticky_mark() != question.key.mark || question.tried.has(i)) continue;
    bool can_be_used = endpoint.has_address() && endpoint.health.is_at_work(now) &&
                       !endpoint.health.is_due_for_probe(now);
    if (can_be_used) return i;
  }
  return std::nullopt;
}

bool Upstream::meets(Standard standard, const Endpoint& endpoint, Instant now) {
  switch (standard) {
    case Standard::good:
      // One that is to be tried has its limit filled by those that it left waiting.
      return endpoint.health.is_at_work(now) && !endpoint.health.is_grey(now) &&
             (endpoint.load.has_room() || endpoint.health.is_due_for_probe(now));
    case Standard::usable:
      return endpoint.health.may_be_used(now);
    case Standard::anybody:
      return true;
  }
  return true;
}

/// Fills the candidates and what their levels can carry. Returns who is due for a probe, of several
/// one of the first level.
std::optional<std::size_t> Upstream::gather(Standard standard, const Question& question) {
  Instant now = question.now;
  Instant due_by = question.risk == Risk::bearable ? now : now - wait_for_bearable_risk;
  std::optional<std::size_t> due;
  candidates_.clear();
  for (Level& level : levels_) level.usable = 0;
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    Endpoint& endpoint = *endpoints_[i];
    if (!endpoint.has_address() || endpoint.health.is_draining()) continue;
    if (!meets(standard, endpoint, now)) continue;
    bool is_tried = question.tried.has(i);
    if (standard != Standard::anybody && endpoint.health.is_due_for_probe(now)) {
      bool is_its_turn = !is_tried && endpoint.health.is_due_for_probe(due_by);
      if (is_its_turn && (!due || level_of_[i] < level_of_[*due])) due = i;
      continue;
    }
    std::uint32_t weight = endpoint.weight;
    std::uint32_t share = endpoint.health.share(now);
    levels_[level_of_[i]].usable += std::uint64_t{weight} * share;
    if (is_tried) continue;
    candidates_.push_back({.index = static_cast<EndpointIndex>(i),
                           .weight = weight,
                           .requests_in_flight = endpoint.requests_in_flight,
                           .expected_time = endpoint.response_time.value(now),
                           .share = share,
                           .identity = endpoint.identity()});
  }
  return due;
}

Choice Upstream::choose_by(Standard standard, const Question& question) {
  const ChoiceKey& key = question.key;
  Rng& rng = question.rng;
  std::optional<std::size_t> due = gather(standard, question);
  std::size_t level = keep_one_level(question);
  bool is_first = question.tried.empty();
  // One request now, whoever else is faster; a retry only if nobody is proven.
  bool probes = due && (candidates_.empty() || (is_first && level_of_[*due] <= level));
  if (probes) {
    if (endpoints_[*due]->health.claim_probe(question.now)) return at(*due);
    return choose_by(standard, question);  // another thread sends it: it is not due any more
  }
  if (candidates_.empty()) return {};
  if (standard == Standard::good && is_first && question.risk == Risk::bearable) {
    std::optional<std::size_t> forgotten = due_for_trickle(level, question.now);
    if (forgotten) return at(*forgotten);
  }
  if (key.hash != 0) return at(static_cast<std::size_t>(pick_by_key(candidates_, key.hash)));
  thin_out(rng);
  return at(static_cast<std::size_t>(balancer_->pick(candidates_, rng)));
}

/// Leaves the candidates of the level that takes this request, and returns it. Requests of one hash
/// stay in one level as long as the levels stay as they are. Where everybody of the level was
/// tried, the next one takes over, after the last the first.
std::size_t Upstream::keep_one_level(const Question& question) {
  if (levels_.size() < 2 || candidates_.empty()) return 0;
  std::uint64_t hash = question.key.hash;
  double chance =
      hash != 0 ? static_cast<double>(hash >> 11U) * 0x1.0p-53 : question.rng.fraction();
  std::size_t wanted = level_for(levels_, chance);
  auto distance_of = [&](const Candidate& candidate) {
    std::size_t level = level_of_[static_cast<std::size_t>(candidate.index)];
    return (level + levels_.size() - wanted) % levels_.size();
  };
  std::size_t nearest = levels_.size();
  for (const Candidate& candidate : candidates_) {
    nearest = std::min(nearest, distance_of(candidate));
  }
  std::erase_if(candidates_,
                [&](const Candidate& candidate) { return distance_of(candidate) != nearest; });
  return (wanted + nearest) % levels_.size();
}

/// One that has got nothing for a while, being grey, or because a balancer that looks at times
/// avoids it for an answer of long ago.
std::optional<std::size_t> Upstream::due_for_trickle(std::size_t level, Instant now) const {
  bool looks_at_times =
      settings_.balance.algorithm == Balance::least_time && !settings_.balance.hash;
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    const Endpoint& endpoint = *endpoints_[i];
    if (!endpoint.health.is_due_for_trickle(chosen_, now)) continue;
    bool waits_for_it =
        endpoint.health.is_grey(now) || (looks_at_times && endpoint.response_time.has_samples());
    bool may_have_it = level_of_[i] == level && endpoint.has_address() &&
                       endpoint.health.is_at_work(now) && !endpoint.health.is_due_for_probe(now);
    if (waits_for_it && may_have_it) return i;
  }
  return std::nullopt;
}

/// Looks at all endpoints together, now and then: does one hang, is one far worse than the others?
void Upstream::judge(Instant now) {
  next_judgement_ = now + judgement_interval;
  bool compares = now >= next_comparison_ ||
                  std::ranges::any_of(endpoints_, [](const std::unique_ptr<Endpoint>& endpoint) {
                    return endpoint->health.calls_for_comparison();
                  });
  if (compares) {
    next_comparison_ = now + comparison_interval;
    figures_.clear();
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
      bool is_member = endpoints_[i]->is_member();
      figures_.push_back(is_member ? endpoints_[i]->health.figures(now) : nobodys_figures);
      figures_.back().level = level_of_[i];
    }
    Comparison comparison(figures_);
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
      if (!endpoints_[i]->is_member()) continue;
      endpoints_[i]->health.take_verdict(comparison.verdict(i), comparison.others_median(i), now);
    }
  }
  Duration longest = Duration::zero();
  for (const std::unique_ptr<Endpoint>& endpoint : endpoints_) {
    longest = std::max(longest, endpoint->health.hangs_after());
  }
  for (const std::unique_ptr<Endpoint>& endpoint : endpoints_) {
    endpoint->health.set_hang_limit(longest);
  }
  for (const std::unique_ptr<Endpoint>& endpoint : endpoints_) {
    EndpointHealth& health = endpoint->health;
    bool hangs = endpoint->is_member() && health.is_suspected_of_hanging(now) &&
                 has_livelier(*endpoint, now);
    if (hangs) health.eject_hanging(now);
  }
}

/// In a brown-out of what they all depend on every endpoint seems to hang. To eject the first one
/// that does would leave the others with its load, and without it when all is over.
bool Upstream::has_livelier(Endpoint& hanging, Instant now) {
  Duration limit = hanging.health.hang_limit();
  return std::ranges::any_of(endpoints_, [&](const std::unique_ptr<Endpoint>& other) {
    return other.get() != &hanging && other->has_address() && other->health.is_at_work(now) &&
           !other->health.is_at_a_standstill(limit, now);
  });
}

/// Who is to have a part of its share only takes part in that part of the choices. At least one
/// that has the largest share stays.
void Upstream::thin_out(Rng& rng) {
  std::uint32_t largest = 0;
  std::uint32_t least = Candidate::full_share;
  for (const Candidate& candidate : candidates_) {
    largest = std::max(largest, candidate.share);
    least = std::min(least, candidate.share);
  }
  if (least == largest) return;
  std::erase_if(candidates_, [&](const Candidate& candidate) {
    return candidate.share < largest && rng.below(largest) >= candidate.share;
  });
}

Fault Upstream::why_nobody(const Tried& tried) const {
  const Endpoint* first = nullptr;
  bool one_drains = false;
  for (const std::unique_ptr<Endpoint>& endpoint : endpoints_) {
    if (!endpoint->is_member()) continue;
    if (first == nullptr) first = endpoint.get();
    if (!endpoint->has_address()) continue;
    if (!endpoint->health.is_draining()) return Fault::no_healthy_endpoint;
    one_drains = true;
  }
  if (one_drains) return Fault::all_endpoints_draining;
  if (!tried.empty()) return Fault::no_healthy_endpoint;
  return first == nullptr ? Fault::empty_upstream : classify(first->dns_error());
}

}  // namespace gg
