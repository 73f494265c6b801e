// SPDX-License-Identifier: Apache-2.0
#include "http/field_name.h"

#include <array>
#include <cstddef>
#include <cstring>

#include "base/text.h"

namespace gg {
namespace {

constexpr std::size_t name_count = static_cast<std::size_t>(FieldName::last) + 1;
constexpr std::size_t shortest_name = 2;
constexpr std::size_t longest_name = 24;

struct Row {
  FieldName id;
  std::string_view text;
};

constexpr std::array<Row, name_count> rows = {{
    {FieldName::other, ""},
    {FieldName::accept, "Accept"},
    {FieldName::authorization, "Authorization"},
    {FieldName::cdn_loop, "CDN-Loop"},
    {FieldName::client_cert, "Client-Cert"},
    {FieldName::client_cert_chain, "Client-Cert-Chain"},
    {FieldName::connection, "Connection"},
    {FieldName::content_length, "Content-Length"},
    {FieldName::content_type, "Content-Type"},
    {FieldName::cookie, "Cookie"},
    {FieldName::date, "Date"},
    {FieldName::expect, "Expect"},
    {FieldName::forwarded, "Forwarded"},
    {FieldName::host, "Host"},
    {FieldName::idempotency_key, "Idempotency-Key"},
    {FieldName::keep_alive, "Keep-Alive"},
    {FieldName::max_forwards, "Max-Forwards"},
    {FieldName::proxy_authenticate, "Proxy-Authenticate"},
    {FieldName::proxy_authorization, "Proxy-Authorization"},
    {FieldName::proxy_connection, "Proxy-Connection"},
    {FieldName::proxy_status, "Proxy-Status"},
    {FieldName::range, "Range"},
    {FieldName::referer, "Referer"},
    {FieldName::retry_after, "Retry-After"},
    {FieldName::server, "Server"},
    {FieldName::te, "TE"},
    {FieldName::traceparent, "traceparent"},
    {FieldName::tracestate, "tracestate"},
    {FieldName::trailer, "Trailer"},
    {FieldName::transfer_encoding, "Transfer-Encoding"},
    {FieldName::upgrade, "Upgrade"},
    {FieldName::user_agent, "User-Agent"},
    {FieldName::via, "Via"},
    {FieldName::x_forwarded_for, "X-Forwarded-For"},
    {FieldName::x_forwarded_host, "X-Forwarded-Host"},
    {FieldName::x_forwarded_proto, "X-Forwarded-Proto"},
    {FieldName::x_request_id, "X-Request-Id"},
}};

consteval bool rows_are_complete() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].id != static_cast<FieldName>(i)) return false;
    std::size_t size = rows[i].text.size();
    if (i > 0 && (size < shortest_name || size > longest_name)) return false;
  }
  return true;
}
static_assert(rows_are_complete());

/// Up to 24 bytes as three words that overlap where the text is short, so that no byte behind it
/// is read.
struct Words {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::uint64_t c = 0;
};

template <class Word>
constexpr std::uint64_t load(const char* from) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < sizeof(Word); ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
  }
  return word;
}

constexpr Words words_of(std::string_view text) {
  const char* first = text.data();
  const char* last = first + text.size();
  if (text.size() > 16)
    return {load<std::uint64_t>(first), load<std::uint64_t>(first + 8),
            load<std::uint64_t>(last - 8)};
  if (text.size() >= 8) return {load<std::uint64_t>(first), load<std::uint64_t>(last - 8), 0};
  if (text.size() >= 4) return {load<std::uint32_t>(first), load<std::uint32_t>(last - 4), 0};
  return {load<std::uint16_t>(first), load<std::uint8_t>(last - 1), 0};
}

/// A known name in lower case, and the bits in which another spelling of it may differ.
struct Known {
  std::uint8_t size = 0;
  FieldName id = FieldName::other;
  Words lower;
  Words case_bits;
};

/// Name lengths and two letters of the name choose a slot; the multipliers are searched for at
/// compile time until no two names share one.
struct Hash {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};
constexpr std::size_t slot_count = 256;

constexpr std::size_t slot_of(Hash hash, std::string_view name) {
  std::uint32_t first = static_cast<unsigned char>(name.front()) | 0x20U;
  std::uint32_t last = static_cast<unsigned char>(name.back()) | 0x20U;
  return (static_cast<std::uint32_t>(name.size()) * 7 + first * hash.first + last * hash.last) %
         slot_count;
}

consteval bool is_free_of_collisions(Hash hash) {
  std::array<bool, slot_count> used{};
  for (std::size_t i = 1; i < rows.size(); ++i) {
    std::size_t slot = slot_of(hash, rows[i].text);
    if (used[slot]) return false;
    used[slot] = true;
  }
  return true;
}

consteval Hash find_hash() {
  for (std::uint32_t first = 1; first < 64; ++first) {
    for (std::uint32_t last = 1; last < 64; ++last) {
      if (is_free_of_collisions({first, last})) return {first, last};
    }
  }
  return {};
}
constexpr Hash hash = find_hash();
static_assert(hash.first != 0, "no multipliers separate the names: widen the search");

consteval std::array<Known, slot_count> fill_slots() {
  std::array<Known, slot_count> slots{};
  for (std::size_t i = 1; i < rows.size(); ++i) {
    char lower[longest_name]{};
    char case_bits[longest_name]{};
    std::size_t size = rows[i].text.size();
    for (std::size_t j = 0; j < size; ++j) {
      lower[j] = ascii_lower(rows[i].text[j]);
      case_bits[j] = lower[j] >= 'a' && lower[j] <= 'z' ? 0x20 : 0;
    }
    slots[slot_of(hash, rows[i].text)] = {static_cast<std::uint8_t>(size), rows[i].id,
                                          words_of({lower, size}), words_of({case_bits, size})};
  }
  return slots;
}
constexpr std::array<Known, slot_count> slots = fill_slots();

}  // namespace

FieldName field_name_of(std::string_view name) {
  if (name.size() < shortest_name || name.size() > longest_name) return FieldName::other;
  const Known& known = slots[slot_of(hash, name)];
  if (known.size != name.size()) return FieldName::other;
  Words words = words_of(name);
  std::uint64_t differs = ((words.a ^ known.lower.a) & ~known.case_bits.a) |
                          ((words.b ^ known.lower.b) & ~known.case_bits.b) |
                          ((words.c ^ known.lower.c) & ~known.case_bits.c);
  return differs == 0 ? known.id : FieldName::other;
}

std::string_view text_of(FieldName id) { return rows[static_cast<std::size_t>(id)].text; }

}  // namespace gg
