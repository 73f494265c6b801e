// SPDX-License-Identifier: Apache-2.0
// The Proxy-Status field (RFC 9209): what this hop says about the response, as a structured field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fault/fault.h"

namespace gg {

/// Facts that become parameters where the fault's error type has them. Zero or empty: unknown.
struct ProxyStatusFacts {
  int received_status = 0;         // of the upstream's own response
  std::string_view next_hop;       // endpoint; only given to those who may know
  std::string_view next_protocol;  // ALPN id, such as "http/1.1"
  std::string_view rcode;          // DNS response code, such as "NXDOMAIN"
  std::string_view coding;         // for transfer and content codings; a token
  int alert = 0;                   // TLS alert number
  std::uint64_t size = 0;          // of the head, body or trailer section that was too large
};

/// Appends one member to `out`: `deployment; error=...; ...`. `deployment` identifies this
/// installation, not the product (RFC 9209 2); it is written as a token if it is one, else as a
/// quoted string, with what no string can hold replaced by '?'. Fault::none gives a member without
/// an error (a response that is passed on). No member depends on bytes of the client.
void append_proxy_status(std::string& out, std::string_view deployment, Fault fault,
                         const ProxyStatusFacts& facts);

}  // namespace gg
