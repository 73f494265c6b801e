// SPDX-License-Identifier: Apache-2.0
// Which credentials were found good or bad a while ago, so that the slow check is made once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/sip_hash.h"
#include "base/time.h"

namespace gg {

/// How long credentials that were good are taken to be so.
inline constexpr Duration good_credentials_time = std::chrono::minutes{5};
/// The same for bad ones: a client that does not listen costs one check in that time.
inline constexpr Duration bad_credentials_time = std::chrono::seconds{5};

/// Keeps keyed hashes of them, never themselves. Of a worker; no memory before the first.
class CredentialCache {
 public:
  /// Two keys, as one hash of 64 bits might be met by chance.
  using Keys = std::array<SipKey, 2>;
  explicit CredentialCache(const Keys& keys) : keys_(keys) {}

  enum class Known : std::uint8_t { nothing, good, bad };
  /// Of whoever shows `credentials` to `users`, which is what tells lists of users apart.
  Known look(const void* users, std::string_view credentials, Instant now) const;
  void note(const void* users, std::string_view credentials, bool is_good, Instant now);

 private:
  static constexpr std::size_t ways = 4;
  static constexpr std::size_t sets = 256;
  struct Entry {
    std::array<std::uint64_t, 2> who{};
    Instant until{};
    bool is_good = false;
  };
  using Set = std::array<Entry, ways>;

  std::array<std::uint64_t, 2> hash_of(const void* users, std::string_view credentials) const;

  Keys keys_;
  std::vector<Set> sets_;
};

}  // namespace gg
