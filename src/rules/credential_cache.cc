// SPDX-License-Identifier: Apache-2.0
#include "rules/credential_cache.h"

#include <algorithm>

namespace gg {

std::array<std::uint64_t, 2> CredentialCache::hash_of(const void* users,
                                                      std::string_view credentials) const {
  std::array<std::uint64_t, 2> hash{};
  for (std::size_t i = 0; i < hash.size(); ++i) {
    SipKey key = keys_[i];
    key.high ^= reinterpret_cast<std::uintptr_t>(users);
    hash[i] = sip_hash(key, credentials);
  }
  return hash;
}

CredentialCache::Known CredentialCache::look(const void* users, std::string_view credentials,
                                             Instant now) const {
  if (sets_.empty()) return Known::nothing;
  std::array<std::uint64_t, 2> who = hash_of(users, credentials);
  for (const Entry& entry : sets_[who[0] % sets]) {
    bool is_it = entry.who == who && now < entry.until;
    if (is_it) return entry.is_good ? Known::good : Known::bad;
  }
  return Known::nothing;
}

/// In the place of the one that would be forgotten first.
void CredentialCache::note(const void* users, std::string_view credentials, bool is_good,
                           Instant now) {
  if (sets_.empty()) sets_.resize(sets);
  std::array<std::uint64_t, 2> who = hash_of(users, credentials);
  Set& set = sets_[who[0] % sets];
  auto place = std::ranges::find(set, who, &Entry::who);
  if (place == set.end()) place = std::ranges::min_element(set, {}, &Entry::until);
  *place = {.who = who,
            .until = now + (is_good ? good_credentials_time : bad_credentials_time),
            .is_good = is_good};
}

}  // namespace gg
