// SPDX-License-Identifier: Apache-2.0
// What names resolved to, for as long as the answers are good, and the last good answer for when
// they are not. DnsCache decides and is pure; CachedResolver asks another resolver.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "dns/resolver.h"
#include "engine/engine.h"

namespace gg {

struct DnsCacheSettings {
  Duration ttl_least = 1s;         // no name is asked more often
  Duration ttl_longest = 1h;       // no answer is believed for longer
  Duration failure_kept = 1s;      // until a name that failed is asked again
  std::size_t names_most = 10000;  // further ones are not kept
};

class DnsCache {
 public:
  explicit DnsCache(DnsCacheSettings settings = {}) : settings_(settings) {}

  /// The answer if it need not be asked for: still good, or the failure just now. Names are
  /// compared as they are written.
  std::optional<Result<Resolved, DnsError>> find(std::string_view name, Instant now) const;
  /// Takes a fresh answer and returns what to believe: after a failure the last good answer, marked
  /// stale, if there ever was one. Its ttl is the time until the next asking.
  Result<Resolved, DnsError> store(std::string_view name, const Result<Resolved, DnsError>& answer,
                                   Instant now);
  /// The answer is doubted (its addresses do not answer): ask again, but not within ttl_least of
  /// the last asking.
  void expire(std::string_view name);

 private:
  struct Entry {
    Resolved last_good;               // no addresses: there was none
    std::optional<DnsError> failure;  // of the last asking
    Instant asked_at;
    Instant good_until;
  };

  static Result<Resolved, DnsError> answer_of(const Entry& entry, Instant now);

  DnsCacheSettings settings_;
  std::map<std::string, Entry, std::less<>> entries_;
};

/// A cache in front of `inner`, which outlives it. One name asked twice at the same time is asked
/// twice.
class CachedResolver final : public Resolver {
 public:
  CachedResolver(Engine& engine, Resolver& inner, DnsCacheSettings settings = {})
      : engine_(engine), inner_(inner), cache_(settings) {}

  Task<Result<Resolved, DnsError>> resolve(std::string_view name, Deadline deadline) override;
  void stop() override { inner_.stop(); }
  /// As DnsCache::expire.
  void expire(std::string_view name) { cache_.expire(name); }

 private:
  Engine& engine_;
  Resolver& inner_;
  DnsCache cache_;
};

}  // namespace gg
