// SPDX-License-Identifier: Apache-2.0
// Who a request comes from when there are proxies before us. Rules and records speak of this one.
#pragma once

#include <span>
#include <string_view>

#include "config/values.h"
#include "engine/address.h"
#include "http/head.h"

namespace gg {

struct ClientAddress {
  Address address;
  std::string_view text;  // the IP alone; borrows from the head, or is the peer's
};

/// `peer` unless it is a trusted proxy. Then the last address that X-Forwarded-For names and that
/// is no trusted proxy's, or the first it names if all are; Forwarded (RFC 7239) if there is no
/// X-Forwarded-For. Reading stops at the first hop, from the end, that is no address: what stands
/// before it was vouched for by nobody. Only the last 32 hops are looked at.
ClientAddress client_address_of(const Fields& fields, const ClientAddress& peer,
                                std::span<const IpNetwork> trusted, bool peer_is_trusted);

}  // namespace gg
