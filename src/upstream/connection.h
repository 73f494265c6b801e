// SPDX-License-Identifier: Apache-2.0
// A connection to an endpoint with what must be known of it: its age, how often it was used, how
// long it idled. Owned by an attempt while lent, by its endpoint while idle.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/intrusive_list.h"
#include "base/time.h"
#include "http1/client.h"
#include "upstream/keep_alive_guard.h"

namespace gg {

class Endpoint;

class UpstreamConnection final : public ListNode {
 public:
  UpstreamConnection(Endpoint& endpoint, std::uint64_t id, std::unique_ptr<ByteStream> bytes,
                     const Address& address, const HeadLimits& limits, Instant now)
      : http(std::move(bytes), limits),
        endpoint(endpoint),
        address(address),
        id(id),
        opened(now),
        idle_since(now) {}

  Http1ClientConnection http;
  Endpoint& endpoint;
  const Address address;   // that it was made to
  const std::uint64_t id;  // unique within the worker, from 1
  const Instant opened;
  Instant idle_since;
  std::uint32_t requests = 0;  // lent so many times
  AnnouncedTerms announced;

  /// While idle: completes when the peer says anything, or the connection has idled long enough.
  std::optional<Watch> watch;
};

}  // namespace gg
