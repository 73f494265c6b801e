// SPDX-License-Identifier: Apache-2.0
#include "tls/ticket_keys.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>

namespace gg {

namespace {

std::int64_t epoch_of(WallTime time) {
  std::int64_t length =
      std::chrono::duration_cast<std::chrono::microseconds>(TicketKeys::lifetime).count();
  return time.microseconds / length;
}

/// HMAC-SHA-256 of what the key is for and its epoch: RFC 5869's expansion with one block.
void derive(const TicketKeys::Secret& secret, char purpose, std::int64_t epoch,
            std::span<unsigned char> to) {
  unsigned char label[1 + sizeof epoch];
  label[0] = static_cast<unsigned char>(purpose);
  std::memcpy(label + 1, &epoch, sizeof epoch);
  unsigned char digest[32];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), label, sizeof label, digest,
       &size);
  std::copy(digest, digest + to.size(), to.begin());
}

}  // namespace

TicketKeys::Secret TicketKeys::random_secret() {
  Secret secret{};
  RAND_priv_bytes(secret.data(), secret.size());
  return secret;
}

TicketKey TicketKeys::of(std::int64_t epoch) const {
  TicketKey key;
  derive(secret_, 'n', epoch, key.name);
  derive(secret_, 'c', epoch, key.cipher);
  derive(secret_, 'm', epoch, key.mac);
  return key;
}

TicketKey TicketKeys::at(WallTime now) const { return of(epoch_of(now)); }

std::optional<TicketKeys::Found> TicketKeys::find(std::span<const unsigned char, 16> name,
                                                  WallTime now) const {
  for (int age = 0; age < 2; ++age) {
    TicketKey key = of(epoch_of(now) - age);
    if (std::ranges::equal(key.name, name)) return Found{.key = key, .is_old = age > 0};
  }
  return std::nullopt;
}

}  // namespace gg
