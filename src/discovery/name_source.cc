// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_source.h"

#include <algorithm>

#include "discovery/name_answers.h"
#include "dns/lookup_times.h"

namespace gg {

NameSource::NameSource(Engine& engine, Resolver& resolver, std::size_t upstream,
                       const UpstreamConfig& settings, SourceListener& listener)
    : engine_(engine),
      resolver_(resolver),
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
    Deadline deadline = Deadline::after(engine_.now(), lookup_times::patience);
    Result<Resolved, DnsError> answer = co_await resolver_.resolve(discover_.dns, deadline);
    if (stopping_) break;
    Instant due = engine_.now() + take(answer);
    while (!stopping_ && engine_.now() < when_to_ask(due)) {
      Sleep wait(engine_, when_to_ask(due));
      sleeping_ = &wait;
      co_await wait;
      sleeping_ = nullptr;
    }
  }
}

/// Passes the answer on; returns when to ask again.
Duration NameSource::take(const Result<Resolved, DnsError>& answer) {
  if (!answer) {
    listener_.failed(upstream_, "cannot look up " + source_text(discover_) + ": " +
                                    std::string(text_of(answer.error())));
    return lookup_times::retry;
  }
  listener_.answered(upstream_, endpoints_of(*answer, settings_));
  return std::clamp(answer->ttl, lookup_times::shortest, lookup_times::longest);
}

}  // namespace gg
