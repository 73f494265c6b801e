// SPDX-License-Identifier: Apache-2.0
// Is an address in one of these networks? For trusted_proxies, allow and deny.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "config/values.h"
#include "engine/address.h"

namespace gg {

/// An IP address in the form that IpNetwork compares: 16 bytes, IPv4 as ::ffff:a.b.c.d.
using IpBytes = std::array<std::uint8_t, 16>;

/// Nothing for what is no IP address (a Unix socket).
inline std::optional<IpBytes> ip_bytes_of(const Address& address) {
  switch (address.family) {
    case AddressFamily::v6:
      return address.ip;
    case AddressFamily::v4:
      return IpBytes{0,
                     0,
                     0,
                     0,
                     0,
                     0,
                     0,
                     0,
                     0,
                     0,
                     0xff,
                     0xff,
                     address.ip[0],
                     address.ip[1],
                     address.ip[2],
                     address.ip[3]};
    case AddressFamily::none:
    case AddressFamily::unix_path:
      return std::nullopt;
  }
  return std::nullopt;
}

inline bool is_in_any(std::span<const IpNetwork> networks, const IpBytes& ip) {
  for (const IpNetwork& network : networks) {
    if (network.contains(ip)) return true;
  }
  return false;
}

/// False for what is no IP address.
inline bool is_in_any(std::span<const IpNetwork> networks, const Address& address) {
  std::optional<IpBytes> ip = ip_bytes_of(address);
  return ip && is_in_any(networks, *ip);
}

}  // namespace gg
