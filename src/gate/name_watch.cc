// SPDX-License-Identifier: Apache-2.0
#include "gate/name_watch.h"

#include <algorithm>
#include <cstdio>

#include "gate/flight_desk.h"
#include "upstream/checks/health_checks.h"

namespace gg {

namespace {

std::string list_of(const std::vector<Address>& addresses) {
  std::string text;
  for (const Address& address : addresses) text += (text.empty() ? "" : ", ") + ip_text(address);
  return text;
}

}  // namespace

NameWatch::NameWatch(Engine& engine, Resolver& resolver, const Config& config,
                     std::span<const std::unique_ptr<WorkerThread>> workers, HealthChecks* checks,
                     SharedUpstreams* health)
    : engine_(engine),
      resolver_(resolver),
      workers_(workers),
      checks_(checks),
      health_(health),
      config_(config),
      tasks_(engine.ready()) {
  for (std::size_t i = 0; i < config.upstreams.size(); ++i) {
    for (std::size_t j = 0; j < config.upstreams[i].endpoints.size(); ++j) {
      note(i, j, config.upstreams[i].endpoints[j].url);
    }
  }
}

/// Null: it has no name.
NameWatch::Watched* NameWatch::note(std::size_t upstream, std::size_t endpoint,
                                    const EndpointUrl& url) {
  if (fixed_address_of(url)) return nullptr;
  watched_.push_back(std::make_unique<Watched>(
      Watched{.upstream = upstream, .endpoint = endpoint, .name = url.host}));
  return watched_.back().get();
}

void NameWatch::add(std::size_t upstream, std::size_t endpoint, const EndpointUrl& url) {
  Watched* watched = note(upstream, endpoint, url);
  if (watched != nullptr) tasks_.start(watch(*watched));
}

void NameWatch::remove(std::size_t upstream, std::size_t endpoint) {
  for (const std::unique_ptr<Watched>& watched : watched_) {
    bool is_it = watched->upstream == upstream && watched->endpoint == endpoint;
    if (is_it) watched->is_gone = true;
  }
  wake();
}

void NameWatch::start() {
  for (const std::unique_ptr<Watched>& watched : watched_) tasks_.start(watch(*watched));
}

void NameWatch::stop() {
  stopping_ = true;
  wake();
}

void NameWatch::wake() {
  for (const std::unique_ptr<Watched>& watched : watched_) {
    if (watched->sleeping != nullptr) engine_.cancel(*watched->sleeping);
  }
}

Task<void> NameWatch::watch(Watched& watched) {
  while (!is_over(watched)) {
    watched.asked = engine_.now();
    Deadline deadline = Deadline::after(engine_.now(), lookup_times::patience);
    Result<Resolved, DnsError> answer = co_await resolver_.resolve(watched.name, deadline);
    if (is_over(watched)) break;
    Instant due = engine_.now() + take(watched, answer);
    while (!is_over(watched) && engine_.now() < when_to_ask(watched, due)) {
      Sleep wait(engine_, when_to_ask(watched, due));
      watched.sleeping = &wait;
      co_await wait;
      watched.sleeping = nullptr;
    }
  }
  std::erase_if(watched_, [&](const auto& one) { return one.get() == &watched && one->is_gone; });
}

bool NameWatch::is_unreachable(const Watched& watched) const {
  if (health_ == nullptr) return false;
  HealthState state = health_->health(watched.upstream).state(watched.endpoint, engine_.now());
  return state.standing == Standing::out && state.reason == HealthReason::unreachable;
}

Instant NameWatch::when_to_ask(const Watched& watched, Instant due) const {
  if (!is_unreachable(watched)) return due;
  const PoolHealth& pool = health_->health(watched.upstream);
  Instant now = engine_.now();
  Duration when_asked = pool.standing_for(watched.endpoint, now) - (now - watched.asked);
  return std::min(due, watched.asked + lookup_gap(when_asked));
}

bool NameWatch::is_settled() const {
  return std::ranges::all_of(watched_, [](const auto& watched) { return watched->was_asked; });
}

/// Passes news on; returns when to ask again.
Duration NameWatch::take(Watched& watched, const Result<Resolved, DnsError>& answer) {
  watched.was_asked = true;
  bool is_fresh = answer && !answer->is_stale;
  if (is_fresh && watched.complained) {
    note(watched, watched.name + " is resolved again");
    std::fprintf(stderr, "goodgate: %s is resolved again\n", watched.name.c_str());
    watched.complained = false;
  }
  if (!is_fresh && !watched.complained) {
    std::string_view why = answer ? "the name servers do not answer" : text_of(answer.error());
    std::fprintf(stderr, "goodgate: cannot resolve %s: %.*s; %s, and trying again\n",
                 watched.name.c_str(), static_cast<int>(why.size()), why.data(),
                 watched.addresses.empty() ? "starting without that endpoint"
                                           : "going on with the last good answer");
    note(watched, "cannot resolve " + watched.name + ": " + std::string(why));
    watched.complained = true;
  }
  if (!answer) {
    if (watched.addresses.empty()) tell_failure(watched, answer.error());
    return lookup_times::retry;
  }
  // Who waits for the news of an endpoint that cannot be connected to hears that there are none.
  bool is_waited_for = is_unreachable(watched);
  bool has_moved = !watched.addresses.empty() && answer->addresses != watched.addresses;
  if (has_moved) {
    note(watched, watched.name + " is " + list_of(answer->addresses) + " now, was " +
                      list_of(watched.addresses));
  }
  if (answer->addresses != watched.addresses || is_waited_for) {
    watched.addresses = answer->addresses;
    tell_addresses(watched);
  }
  return is_fresh ? std::clamp(answer->ttl, lookup_times::shortest, lookup_times::longest)
                  : lookup_times::retry;
}

/// What fails next may fail because of this.
void NameWatch::note(const Watched& watched, const std::string& text) {
  if (flights_ == nullptr) return;
  flights_->note({.kind = Change::Kind::name,
                  .when = engine_.now(),
                  .at = engine_.wall_now(),
                  .upstream = config_.upstreams[watched.upstream].name,
                  .endpoint = {},
                  .text = text});
}

void NameWatch::tell_addresses(const Watched& watched) {
  if (checks_ != nullptr) {
    checks_->set_addresses(watched.upstream, watched.endpoint, watched.addresses);
  }
  for (const std::unique_ptr<WorkerThread>& worker : workers_) {
    worker->run([upstream = watched.upstream, endpoint = watched.endpoint,
                 addresses = watched.addresses](Worker& its) {
      its.upstreams().at(upstream).endpoints()[endpoint]->set_addresses(addresses);
    });
  }
}

void NameWatch::tell_failure(const Watched& watched, DnsError error) {
  for (const std::unique_ptr<WorkerThread>& worker : workers_) {
    worker->run([upstream = watched.upstream, endpoint = watched.endpoint, error](Worker& its) {
      its.upstreams().at(upstream).endpoints()[endpoint]->set_unresolved(error);
    });
  }
}

}  // namespace gg
