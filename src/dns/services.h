// SPDX-License-Identifier: Apache-2.0
// The servers of a service, as SRV records name them (RFC 2782), and who finds them. Used by
// discovery; the real one is cares_services.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dns/resolver.h"

namespace gg {

/// One server that a record names.
struct Service {
  std::string target;  // a host name without a dot at its end
  std::uint16_t port = 0;
  std::uint16_t priority = 0;  // the lowest first
  std::uint16_t weight = 0;    // among those of one priority

  bool operator==(const Service&) const = default;
};

struct Services {
  std::vector<Service> all;  // empty: it is said that there are none
  Duration ttl{};            // as of Resolved

  bool operator==(const Services&) const = default;
};

/// One engine's thread.
class ServiceFinder {
 public:
  ServiceFinder() = default;
  ServiceFinder(const ServiceFinder&) = delete;
  ServiceFinder& operator=(const ServiceFinder&) = delete;
  virtual ~ServiceFinder() = default;

  /// The SRV records of `name`, in no order. At most until `deadline`. The finder outlives the
  /// call.
  virtual Task<Result<Services, DnsError>> find(std::string_view name, Deadline deadline) = 0;
  /// As Resolver::stop().
  virtual void stop() = 0;
};

}  // namespace gg
