// SPDX-License-Identifier: Apache-2.0
// The PROXY header, versions 1 and 2: who the client is, told by a trusted proxy in front of us
// (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt). Read by gate/ before TLS and HTTP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/address.h"

namespace gg {

enum class ProxyHeaderUse : std::uint8_t;

/// What a PROXY header said.
struct ProxyHeader {
  enum class Kind : std::uint8_t {
    proxied,  // `source` is the client, `destination` what it connected to
    unknown,  // proxied, but not from an IP address: v1 UNKNOWN, v2 UNSPEC or Unix sockets
    local,    // the proxy's own connection (a health check): the peer is the client
  };
  Kind kind = Kind::local;
  Address source;  // set when proxied, both of one family
  Address destination;
  std::size_t size = 0;  // bytes of the header; what follows is the connection's own
};

enum class ProxyHeaderError : std::uint8_t {
  not_a_header,  // the bytes are something else
  malformed,     // it began as one
  too_long,      // no end within 107 bytes (v1), or more than proxy_header_max (v2)
  unsupported,   // v2 of another version, command, family or transport
  last = unsupported,
};

/// The most bytes a header may have, and so the most a reader must keep while it is incomplete.
/// Version 2 could say 65551; the addresses and every registered TLV fit in far less.
constexpr std::size_t proxy_header_max = 4096;

/// Reads the header that `bytes`, all that came so far, begin with. Nothing: it is incomplete, call
/// again with more. The same bytes give the same answer however they came. Strict: one that is not
/// exactly as the specification says is an error, never guessed at. TLVs are skipped, within
/// bounds.
Result<std::optional<ProxyHeader>, ProxyHeaderError> parse_proxy_header(std::string_view bytes);

/// The snake_case name of the error.
std::string_view text_of(ProxyHeaderError error);

/// A header for a connection from `source` to `destination`. Unless both are IP addresses it says
/// "unknown"; of two families, IPv4 is mapped into IPv6.
std::string proxy_header_v1(const Address& source, const Address& destination);
std::string proxy_header_v2(const Address& source, const Address& destination);
/// The header of a connection of our own (a health check), which speaks for nobody; empty if none
/// is wanted.
std::string own_proxy_header(ProxyHeaderUse use);

}  // namespace gg
