// SPDX-License-Identifier: Apache-2.0
// A client's connection, a configuration and one exchange, on simulated sockets, for the tests of
// proxy/.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/load.h"
#include "proxy/exchange.h"
#include "support/sim_pair.h"

namespace gg {

/// One upstream, called "app" by nobody but the route, with one endpoint: the peers' address.
class ExchangeFixture : public SimPair {
 protected:
  ExchangeFixture() : config_(default_config()) {}

  /// To be changed before anything else is used.
  Config& config() { return *config_; }
  UpstreamConfig& upstream_config() { return config_->upstreams.front(); }
  RouteConfig& route_config() { return config_->routes.front(); }

  const Snapshot& snapshot() {
    if (!snapshot_) snapshot_.emplace(config_, 1, routes_, upstreams_);
    return *snapshot_;
  }
  SimPeer& client() {
    stream();
    return *client_;
  }
  Http1ServerConnection& stream() {
    if (!stream_) {
      Connected connected = connect();
      client_ = connected.peer;
      stream_.emplace(std::make_unique<PlainStream>(std::move(connected.socket)),
                      snapshot().http1_server());
    }
    return *stream_;
  }
  /// The client sends `request`; its exchange is about to be served.
  Exchange& receive(std::string_view request) {
    client().say(request);
    Result<RequestHead, StreamError> head = await(stream().read_head());
    GG_ASSERT(head.has_value());
    exchange_.emplace(snapshot(), stream(), facts_);
    exchange_->head = std::move(*head);
    exchange_->record.id = RequestId::of(1, 2);
    exchange_->record.started_at = stream().head_began();
    const Framing& framing = stream().request_framing();
    if (framing.kind == Framing::Kind::length) {
      exchange_->body = {.kind = BodyPlan::Kind::length, .length = framing.length};
    }
    return *exchange_;
  }
  ClientFacts& facts() { return facts_; }
  void forget_exchange() { exchange_.reset(); }

 private:
  static std::shared_ptr<Config> default_config() {
    std::vector<std::string> listen{"127.0.0.1:8080"};
    std::vector<std::string> to{"http://" + to_text(peer_address())};
    LoadResult loaded = config_from_command_line(listen, to);
    GG_ASSERT(loaded.has_value());
    auto config = std::make_shared<Config>(*loaded->config);
    config->name = "gw";
    return config;
  }

  std::shared_ptr<Config> config_;
  CounterSlots routes_;
  CounterSlots upstreams_;
  std::optional<Snapshot> snapshot_;
  SimPeer* client_ = nullptr;
  ClientFacts facts_{.peer = Address::v4({10, 9, 8, 7}, 4000),
                     .peer_text = "10.9.8.7",
                     .listener = "127.0.0.1:8080",
                     .connection_id = 1};
  std::optional<Http1ServerConnection> stream_;
  std::optional<Exchange> exchange_;
};

}  // namespace gg
