// SPDX-License-Identifier: Apache-2.0
#include "proxy/client_address.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "base/text.h"
#include "net/networks.h"

namespace gg {

namespace {

/// The last hops that a request names, in their order.
class Hops {
 public:
  void add(std::string_view hop) { all_[count_++ % all_.size()] = hop; }
  std::size_t size() const { return std::min(count_, all_.size()); }
  /// 0 is the last one.
  std::string_view from_end(std::size_t i) const { return all_[(count_ - 1 - i) % all_.size()]; }

 private:
  std::array<std::string_view, 32> all_;
  std::size_t count_ = 0;
};

/// Takes what stands before the next `separator` outside of quotes off `text`.
std::string_view next_part(std::string_view& text, char separator) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    if (text[end] == '"') quoted = !quoted;
    if (quoted && text[end] == '\\') ++end;
    if (!quoted && end < text.size() && text[end] == separator) break;
  }
  std::string_view part = trim(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

/// The node in a Forwarded element, without quotes; empty if it names none (RFC 7239 4).
std::string_view node_of(std::string_view element) {
  while (!element.empty()) {
    std::string_view pair = next_part(element, ';');
    std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    if (!equal_ignoring_case(pair.substr(0, equals), "for")) continue;
    std::string_view value = pair.substr(equals + 1);
    bool is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    return is_quoted ? value.substr(1, value.size() - 2) : value;
  }
  return {};
}

Hops hops_of(const Fields& fields) {
  Hops hops;
  FieldName source = fields.find(FieldName::x_forwarded_for) != nullptr ? FieldName::x_forwarded_for
                                                                        : FieldName::forwarded;
  for (const Field& field : fields.all()) {
    if (field.id != source) continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      std::string_view element = next_part(list, ',');
      if (element.empty()) continue;
      hops.add(source == FieldName::forwarded ? node_of(element) : element);
    }
  }
  return hops;
}

/// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]" and "[2001:db8::1]:80" name an
/// address; "unknown" and "_hidden" do not.
std::optional<ClientAddress> read_hop(std::string_view hop) {
  std::string_view ip = hop;
  if (hop.starts_with('[')) {
    ip = hop.substr(1, std::min(hop.find(']'), hop.size()) - 1);
  } else if (std::size_t colon = hop.find(':'); colon == hop.rfind(':')) {
    ip = hop.substr(0, colon);
  }
  std::optional<Address> address = parse_ip(ip);
  if (!address) return std::nullopt;
  return ClientAddress{.address = *address, .text = ip};
}

}  // namespace

ClientAddress client_address_of(const Fields& fields, const ClientAddress& peer,
                                std::span<const IpNetwork> trusted, bool peer_is_trusted) {
  if (!peer_is_trusted) return peer;
  Hops hops = hops_of(fields);
  ClientAddress client = peer;
  for (std::size_t i = 0; i < hops.size(); ++i) {
    std::optional<ClientAddress> hop = read_hop(hops.from_end(i));
    if (!hop) break;
    client = *hop;
    if (!is_in_any(trusted, client.address)) break;
  }
  return client;
}

}  // namespace gg
