// SPDX-License-Identifier: Apache-2.0
#include "proxy/stickiness.h"

#include <array>

#include "base/text.h"
#include "http/cookie.h"
#include "proxy/exchange.h"

namespace gg {

namespace {

constexpr std::size_t mark_digits = 16;
constexpr std::string_view attributes = "; Path=/; HttpOnly; SameSite=Lax";
constexpr std::string_view only_over_tls = "; Secure";

/// 0 for what is not there, and for nothing else.
std::uint64_t hash_of(std::string_view text) {
  if (text.empty()) return 0;
  std::uint64_t hash = sip_hash({}, text);
  return hash != 0 ? hash : 1;
}

std::uint64_t hash_of(const Exchange& exchange, const HashKey& key) {
  const RequestHead& head = exchange.head;
  switch (key.kind) {
    case HashKey::Kind::header: {
      const Field* field = head.fields.find(key.text);
      return hash_of(field != nullptr ? field->value : std::string_view{});
    }
    case HashKey::Kind::cookie:
      return hash_of(cookie_of(head.fields, key.text).value_or(""));
    case HashKey::Kind::source: {
      std::span<const std::uint8_t> ip = exchange.client_address.ip_bytes();
      return hash_of({reinterpret_cast<const char*>(ip.data()), ip.size()});
    }
    case HashKey::Kind::path:
      return hash_of(head.path);
  }
  return 0;
}

}  // namespace

bool came_over_tls(const Exchange& exchange) {
  if (!exchange.facts.is_trusted_proxy) return exchange.facts.scheme() == "https";
  const Field* proto = exchange.head.fields.find(FieldName::x_forwarded_proto);
  return equal_ignoring_case(proto != nullptr ? proto->value : exchange.facts.scheme(), "https");
}

ChoiceKey choice_key_of(const Exchange& exchange, const BalanceConfig& balance) {
  ChoiceKey key;
  if (balance.hash) key.hash = hash_of(exchange, *balance.hash);
  if (balance.sticky) {
    std::string_view cookie = cookie_of(exchange.head.fields, balance.sticky->cookie).value_or("");
    if (cookie.size() == mark_digits) key.mark = parse_number(cookie, 16).value_or(0);
  }
  return key;
}

std::size_t sticky_cookie_size(const Exchange& exchange) {
  if (exchange.sticky == nullptr) return 0;
  return exchange.sticky->cookie.size() + 1 + mark_digits + attributes.size() +
         only_over_tls.size();
}

void add_sticky_cookie(const Exchange& exchange, FieldList& list) {
  bool is_news = exchange.sticky != nullptr && exchange.served_by != exchange.choice_key.mark;
  if (!is_news) return;
  std::array<char, mark_digits> mark{};
  std::uint64_t left = exchange.served_by;
  for (std::size_t i = mark.size(); i-- > 0; left >>= 4U) mark[i] = "0123456789abcdef"[left & 15U];
  std::string_view secure = came_over_tls(exchange) ? only_over_tls : std::string_view{};
  list.add(
      "Set-Cookie",
      list.text({exchange.sticky->cookie, "=", {mark.data(), mark.size()}, attributes, secure}));
}

}  // namespace gg
