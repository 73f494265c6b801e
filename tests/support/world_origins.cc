// SPDX-License-Identifier: Apache-2.0
// How the origins of a world are found, and what stands in front of them.
#include <algorithm>

#include "support/world.h"

namespace gg {

namespace {

constexpr std::uint16_t tls_port = 3443;
constexpr std::uint16_t http2_port = 3080;

Address address_of(const SimOrigin& origin, std::uint16_t port) {
  Address address = origin.address();
  address.port = port;
  return address;
}

std::string_view host_in(std::string_view endpoint) {
  return endpoint.substr(0, endpoint.rfind(':'));
}

std::string origin_name(std::size_t index) {
  return "origin-" + std::to_string(index) + ".internal";
}

}  // namespace

void World::prefer(std::size_t origin) {
  for (std::size_t i = 0; i < origins(); ++i) upstream().endpoints[i].tier = i == origin ? 1 : 2;
}

void World::look_up_origins() {
  upstream().endpoints.clear();
  upstream().discover = DiscoverConfig{.file = "sim"};
}

MembershipChange World::find(const std::vector<std::size_t>& origins,
                             const std::vector<std::size_t>& drained) {
  std::vector<EndpointConfig> found;
  for (std::size_t i : origins) {
    const Address& address = origins_[i]->address();
    std::string host(host_in(to_text(address)));
    found.push_back(
        {.url = {.scheme = Scheme::http, .host = host, .port = address.port, .path = {}},
         .drains = std::ranges::find(drained, i) != drained.end()});
  }
  members_->ask_releases();
  return members_->answer(0, std::move(found), sim_.now());
}

void World::name_origin(std::size_t origin) {
  upstream().endpoints[origin].url.host = origin_name(origin);
}

void World::resolve(std::size_t origin, std::vector<Address> before) {
  before.push_back(machines_[origin]->door());
  for (const std::unique_ptr<Worker>& worker : workers_) {
    worker->upstreams().at(0).endpoints()[origin]->set_addresses(before);
  }
}

void World::fail_to_resolve(std::size_t origin, DnsError error) {
  for (const std::unique_ptr<Worker>& worker : workers_) {
    worker->upstreams().at(0).endpoints()[origin]->set_unresolved(error);
  }
}

std::optional<std::size_t> World::origin_named(std::string_view endpoint) const {
  std::string_view host = host_in(endpoint);
  for (std::size_t i = 0; i < origins(); ++i) {
    std::string address = to_text(origins_[i]->address());
    if (host == host_in(address) || host == origin_name(i)) return i;
  }
  return std::nullopt;
}

// What stands in front.

void World::stand_in_front(std::size_t origin, const Address& at, SimEngine& engine) {
  upstream().endpoints[origin].url.port = at.port;
  machines_[origin]->put_in_front(at, engine);
}

SimTlsRelay& World::hide_behind_tls(std::size_t origin, const TlsServerContext& context) {
  Address at = address_of(*origins_[origin], tls_port);
  relays_.push_back(std::make_unique<SimTlsRelay>(sim_, at, context, machines_[origin]->door()));
  upstream().endpoints[origin].url.scheme = Scheme::https;
  stand_in_front(origin, at, relays_.back()->engine());
  return *relays_.back();
}

SimHttp2Relay& World::hide_behind_http2(std::size_t origin) {
  Address at = address_of(*origins_[origin], http2_port);
  http2_relays_.push_back(std::make_unique<SimHttp2Relay>(sim_, at, machines_[origin]->door()));
  upstream().http2 = Http2Use::always;
  stand_in_front(origin, at, http2_relays_.back()->engine());
  return *http2_relays_.back();
}

SimTlsRelay& World::put_tls_in_front(const TlsServerContext& gateway,
                                     const TlsClientContext& clients) {
  in_front_ = &gateway;
  auto put = [&](const Address& at) {
    relays_.push_back(std::make_unique<SimTlsRelay>(sim_, at, clients, "shop.example", address()));
  };
  put(http2_clients_address());
  relays_.back()->offer("\x02h2");
  put(clients_address());
  return *relays_.back();
}

void World::expect_proxy_headers() {
  proxy_protocol_ = true;
  config().trusted_proxies = {{.address = {}, .prefix_bits = 0}};
}

void World::replace_by_stub(std::size_t origin, std::string answer, SimStub::Then then) {
  upstream().endpoints[origin].url.scheme = Scheme::https;
  Address at = address_of(*origins_[origin], tls_port);
  upstream().endpoints[origin].url.port = at.port;
  stubs_.push_back(std::make_unique<SimStub>(sim_, at, std::move(answer), then));
}

}  // namespace gg
