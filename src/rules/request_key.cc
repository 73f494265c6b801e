// SPDX-License-Identifier: Apache-2.0
#include "rules/request_key.h"

#include <algorithm>

#include "base/sip_hash.h"
#include "http/cookie.h"

namespace gg {
namespace {

/// Nobody gains from finding two texts with one hash here, so the keys are no secret; they only
/// keep an address from meeting a text.
constexpr SipKey of_addresses{.low = 1, .high = 0};
constexpr SipKey of_texts{.low = 2, .high = 0};

std::uint64_t never_zero(std::uint64_t hash) { return hash != 0 ? hash : 1; }

std::uint64_t hash_of_address(const Address& client) {
  constexpr std::size_t own_bits_of_v6 = 8;  // bytes
  std::span<const std::uint8_t> ip = client.ip_bytes();
  std::size_t size = client.family == AddressFamily::v6 ? own_bits_of_v6 : ip.size();
  return sip_hash(of_addresses, {reinterpret_cast<const char*>(ip.data()), size});
}

std::string_view text_of(const RequestKey& key, const RequestHead& head) {
  if (key.source == RequestKey::Source::cookie) {
    return cookie_of(head.fields, key.name).value_or("");
  }
  if (key.source != RequestKey::Source::header) return {};
  FieldName id = field_name_of(key.name);
  const Field* field = id == FieldName::other ? head.fields.find(key.name) : head.fields.find(id);
  return field != nullptr ? field->value : std::string_view{};
}

}  // namespace

std::uint64_t hash_of(const RequestKey& key, const RequestHead& head, const Address& client) {
  if (key.source == RequestKey::Source::nothing) return 1;
  std::string_view text = text_of(key, head);
  return never_zero(text.empty() ? hash_of_address(client) : sip_hash(of_texts, text));
}

}  // namespace gg
