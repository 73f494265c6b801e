// SPDX-License-Identifier: Apache-2.0
// The seam of name resolution: a name in, its addresses out. Used by gate/ for endpoints and
// discovery; the real one is cares_resolver.h, the one for tests and simulation fixed_resolver.h.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "engine/address.h"
#include "task/task.h"

namespace gg {

/// How a lookup failed.
enum class DnsError : std::uint8_t {
  timeout,
  no_such_name,    // NXDOMAIN, or what cannot be a name
  server_failure,  // SERVFAIL, REFUSED, a malformed answer
  no_address,      // the name exists but has no address
  no_resolver,     // none configured or none reachable
  last = no_resolver,
};

/// The snake_case name of the error.
constexpr std::string_view text_of(DnsError error) {
  switch (error) {
    case DnsError::timeout:
      return "timeout";
    case DnsError::no_such_name:
      return "no_such_name";
    case DnsError::server_failure:
      return "server_failure";
    case DnsError::no_address:
      return "no_address";
    case DnsError::no_resolver:
      return "no_resolver";
  }
  return "";
}

/// No answer is good for longer (RFC 8767 section 4 advises this cap); literals are good for this.
inline constexpr Duration ttl_most = 7 * 24h;

struct Resolved {
  std::vector<Address> addresses;  // never empty, none twice, port 0; the preferred one first
  Duration ttl{};                  // until it should be asked again; at most ttl_most
  bool is_stale = false;           // asked again in vain: this is the last good answer

  bool operator==(const Resolved&) const = default;
};

/// One engine's thread.
class Resolver {
 public:
  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  virtual ~Resolver() = default;

  /// The addresses of `name`: a host name or an IP address without brackets. At most until
  /// `deadline`. The resolver outlives the call.
  virtual Task<Result<Resolved, DnsError>> resolve(std::string_view name, Deadline deadline) = 0;
  /// Lookups under way, and all later ones, fail with `timeout` within 20 ms: for shutting down.
  virtual void stop() = 0;
};

}  // namespace gg
