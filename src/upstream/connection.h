// SPDX-License-Identifier: Apache-2.0
// What an attempt sends its request on: a connection to an endpoint, or its part of one that others
// use at the same time. An attempt owns it while it is lent and does not know which it is.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/intrusive_list.h"
#include "base/time.h"
#include "http1/client.h"
#include "upstream/keep_alive_guard.h"

namespace gg {

class Endpoint;

class UpstreamConnection : public ListNode {
 public:
  virtual ~UpstreamConnection() = default;

  /// May a WebSocket be opened on it?
  virtual bool takes_websockets() const { return true; }

  ClientStream& http;
  Endpoint& endpoint;
  const std::uint64_t id;  // of the connection; unique within the worker, from 1
  const bool is_shared;
  const Instant opened;        // if it is not shared
  Instant idle_since;          // before it was lent
  std::uint32_t requests = 0;  // lent so many times

 protected:
  UpstreamConnection(ClientStream& stream, Endpoint& of, std::uint64_t number, bool shared,
                     Instant now)
      : http(stream), endpoint(of), id(number), is_shared(shared), opened(now), idle_since(now) {}
};

/// One that speaks HTTP/1: owned by an attempt while lent, by its endpoint while idle.
class Http1UpstreamConnection final : public UpstreamConnection {
 public:
  Http1UpstreamConnection(Endpoint& of, std::uint64_t number, std::unique_ptr<ByteStream> bytes,
                          const Address& to, const HeadLimits& limits, Instant now)
      : UpstreamConnection(client, of, number, false, now),
        client(std::move(bytes), limits),
        address(to) {}

  /// Does it belong to the client of whom this PROXY header speaks?
  bool is_introduced_by(std::string_view header) const {
    return introduction != nullptr && *introduction == header;
  }

  Http1ClientConnection client;
  const Address address;                            // that it was made to
  std::unique_ptr<const std::string> introduction;  // the PROXY header that it began with, if any
  AnnouncedTerms announced;

  /// While idle: completes when the peer says anything, or the connection has idled long enough.
  std::optional<Watch> watch;
};

}  // namespace gg
