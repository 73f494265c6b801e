// SPDX-License-Identifier: Apache-2.0
#include "dns/cache.h"

#include <algorithm>

namespace gg {

Result<Resolved, DnsError> DnsCache::answer_of(const Entry& entry, Instant now) {
  if (entry.last_good.addresses.empty()) return Failure(entry.failure.value_or(DnsError::timeout));
  Resolved answer = entry.last_good;
  answer.ttl = std::max(entry.good_until - now, Duration::zero());
  answer.is_stale = entry.failure.has_value();
  return answer;
}

std::optional<Result<Resolved, DnsError>> DnsCache::find(std::string_view name, Instant now) const {
  auto found = entries_.find(name);
  if (found == entries_.end() || found->second.good_until <= now) return std::nullopt;
  return answer_of(found->second, now);
}

Result<Resolved, DnsError> DnsCache::store(std::string_view name,
                                           const Result<Resolved, DnsError>& answer, Instant now) {
  auto found = entries_.find(name);
  if (found == entries_.end()) {
    if (entries_.size() >= settings_.names_most) return answer;
    found = entries_.emplace(std::string(name), Entry{}).first;
  }
  Entry& entry = found->second;
  entry.asked_at = now;
  entry.good_until = now + settings_.failure_kept;
  entry.failure.reset();
  if (!answer) entry.failure = answer.error();
  if (answer) {
    entry.last_good = *answer;
    entry.good_until = now + std::clamp(answer->ttl, settings_.ttl_least, settings_.ttl_longest);
  }
  return answer_of(entry, now);
}

void DnsCache::expire(std::string_view name) {
  auto found = entries_.find(name);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.good_until = std::min(entry.good_until, entry.asked_at + settings_.ttl_least);
}

Task<Result<Resolved, DnsError>> CachedResolver::resolve(std::string_view name, Deadline deadline) {
  std::optional<Result<Resolved, DnsError>> known = cache_.find(name, engine_.now());
  if (known) co_return *std::move(known);
  Result<Resolved, DnsError> answer = co_await inner_.resolve(name, deadline);
  co_return cache_.store(name, answer, engine_.now());
}

}  // namespace gg
