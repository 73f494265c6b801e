// SPDX-License-Identifier: Apache-2.0
// What tells one client's requests from another's, as a number: for limits and for sharing out.
#pragma once

#include <cstdint>
#include <string>

#include "engine/address.h"
#include "http/head.h"

namespace gg {

/// What of a request is looked at.
struct RequestKey {
  enum class Source : std::uint8_t { client_ip, header, cookie, nothing };
  Source source = Source::client_ip;
  std::string name;  // of the header, in lower case, or of the cookie
};

/// The same for requests that are alike in that: never 0. A request without the header or cookie
/// goes by its client's address; an IPv6 address by its first 64 bits, for the rest is the client's
/// to choose. No allocation.
std::uint64_t hash_of(const RequestKey& key, const RequestHead& head, const Address& client);

}  // namespace gg
