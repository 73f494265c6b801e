// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_source.h"

#include <algorithm>

#include "discovery/name_answers.h"
#include "dns/lookup_times.h"

namespace gg {

NameSource::NameSource(Engine& engine, Resolver& resolver, ServiceFinder& services,
                       std::size_t upstream, const UpstreamConfig& settings,
                       SourceListener& listener)
    : engine_(engine),
      resolver_(resolver),
      services_(services),
      upstream_(upstream),
      settings_(settings),
      discover_(*settings.discover),
      listener_(listener),
      tasks_(engine.ready()) {}

void NameSource::stop() {
  stopping_ = true;
  if (sleeping_ != nullptr) engine_.cancel(*sleeping_);
}

void NameSource::doubt(std::optional<Instant> unreachable_since) {
  doubted_since_ = unreachable_since;
  if (sleeping_ != nullptr) engine_.cancel(*sleeping_);
}

Instant NameSource::when_to_ask(Instant due) const {
  if (!doubted_since_) return due;
  return std::min(due, asked_ + lookup_gap(asked_ - *doubted_since_));
}

Task<void> NameSource::watch() {
  while (!stopping_) {
    asked_ = engine_.now();
    Duration good_for = co_await ask();
    Instant due = engine_.now() + good_for;
    while (!stopping_ && engine_.now() < when_to_ask(due)) {
      Sleep wait(engine_, when_to_ask(due));
      sleeping_ = &wait;
      co_await wait;
      sleeping_ = nullptr;
    }
  }
}

/// Passes the answer on; returns when to ask again.
Task<Duration> NameSource::ask() {
  Deadline deadline = Deadline::after(engine_.now(), lookup_times::patience);
  if (!discover_.srv.empty()) {
    Result<Services, DnsError> services = co_await services_.find(discover_.srv, deadline);
    co_return take(services);
  }
  Result<Resolved, DnsError> resolved = co_await resolver_.resolve(discover_.dns, deadline);
  co_return take(resolved);
}

template <class Found>
Duration NameSource::take(const Result<Found, DnsError>& answer) {
  if (stopping_) return Duration::zero();
  if (!answer) return take_failure(answer.error());
  listener_.answered(upstream_, endpoints_of(*answer, settings_), {});
  return std::clamp(answer->ttl, lookup_times::shortest, lookup_times::longest);
}

Duration NameSource::take_failure(DnsError error) {
  listener_.failed(upstream_,
                   "cannot look up " + source_text(discover_) + ": " + std::string(text_of(error)));
  return lookup_times::retry;
}

}  // namespace gg
