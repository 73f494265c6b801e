// SPDX-License-Identifier: Apache-2.0
#include "engine/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace gg {

Address Address::v4(std::array<std::uint8_t, 4> ip, std::uint16_t port) {
  Address address{.family = AddressFamily::v4, .port = port};
  std::ranges::copy(ip, address.ip.begin());
  return address;
}

Address Address::unix_at(std::string_view path) {
  return {.family = AddressFamily::unix_path, .path = path};
}

std::optional<Address> parse_ip(std::string_view text, std::uint16_t port) {
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';

  Address address{.port = port};
  if (inet_pton(AF_INET, buffer, address.ip.data()) == 1) {
    address.family = AddressFamily::v4;
    return address;
  }
  if (inet_pton(AF_INET6, buffer, address.ip.data()) == 1) {
    address.family = AddressFamily::v6;
    return address;
  }
  return std::nullopt;
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.starts_with("unix:")) {
    std::string_view path = text.substr(5);
    if (path.empty() || path.size() > 107) return std::nullopt;
    return Address::unix_at(path);
  }
  std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::optional<std::uint64_t> port = parse_number(text.substr(colon + 1));
  if (!port || *port > 65535) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  std::optional<Address> address = parse_ip(host, static_cast<std::uint16_t>(*port));
  if (address && bracketed != (address->family == AddressFamily::v6)) return std::nullopt;
  return address;
}

std::size_t write_ip(const Address& address, std::span<char> out) {
  if (address.family == AddressFamily::unix_path) {
    std::size_t size = std::min(address.path.size(), out.size());
    // A client of a Unix socket has no path, and memcpy may not be given none.
    if (size > 0) std::memcpy(out.data(), address.path.data(), size);
    return size;
  }
  if (address.family == AddressFamily::none) return 0;
  int family = address.family == AddressFamily::v4 ? AF_INET : AF_INET6;
  const char* text =
      inet_ntop(family, address.ip.data(), out.data(), static_cast<socklen_t>(out.size()));
  return text == nullptr ? 0 : std::strlen(text);
}

std::string ip_text(const Address& address) {
  char buffer[address_text_max];
  return {buffer, write_ip(address, buffer)};
}

std::string to_text(const Address& address) {
  switch (address.family) {
    case AddressFamily::none:
      return "-";
    case AddressFamily::unix_path:
      return "unix:" + std::string(address.path);
    case AddressFamily::v4:
      return ip_text(address) + ":" + std::to_string(address.port);
    case AddressFamily::v6:
      return "[" + ip_text(address) + "]:" + std::to_string(address.port);
  }
  return "-";
}

}  // namespace gg
