// SPDX-License-Identifier: Apache-2.0
#include "proxy/snapshot.h"

#include <unistd.h>

#include <array>

#include "base/text.h"
#include "net/networks.h"

namespace gg {

namespace {

std::string host_name() {
  char buffer[256] = "";
  if (gethostname(buffer, sizeof buffer - 1) != 0 || buffer[0] == '\0') return "gateway";
  return buffer;
}

/// FNV-1a over the listeners' addresses, as four hex digits.
std::string mark_of(const Config& config) {
  std::uint32_t hash = 2166136261U;
  auto mix = [&hash](std::string_view text) {
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  };
  for (const ListenerConfig& listener : config.listeners) {
    mix(listener.address.host);
    mix(std::to_string(listener.address.port));
    mix(listener.address.path);
  }
  std::array<char, 16> digits{};
  write_hex(hash, digits.data());
  return std::string(digits.end() - 4, digits.end());
}

/// Hosts and path as they are written in the file.
std::string label(const RouteConfig& route) {
  std::string text;
  for (const std::string& host : route.hosts) text += (text.empty() ? "" : ",") + host;
  return text + route.path.text;
}

/// The first one for a name that is not there: a route whose requests are all answered by a rule.
std::size_t place_of(const Config& config, std::string_view upstream) {
  for (std::size_t i = 0; i < config.upstreams.size(); ++i) {
    if (config.upstreams[i].name == upstream) return i;
  }
  return 0;
}

/// What both protocols are told of clients.
template <class Settings>
Settings server_settings(const Config& config) {
  Settings settings;
  settings.limits.section_max = config.limits.head;
  settings.limits.fields_max = config.limits.fields;
  settings.idle = config.timeouts.idle;
  settings.head = config.timeouts.head;
  return settings;
}

Http2ServerSettings http2_settings(const Config& config) {
  auto settings = server_settings<Http2ServerSettings>(config);
  settings.send = config.timeouts.send;
  return settings;
}

}  // namespace

Snapshot::Snapshot(std::shared_ptr<const Config> config, std::uint64_t generation,
                   CounterSlots& routes, CounterSlots& upstreams)
    : config_(std::move(config)),
      generation_(generation),
      router_(*config_),
      name_(config_->name.empty() ? host_name() + "-" + mark_of(*config_) : config_->name),
      via_("1.1 " + name_),
      http1_server_(server_settings<Http1ServerSettings>(*config_)),
      http2_server_(http2_settings(*config_)) {
  for (const RouteConfig& route : config_->routes) {
    RouteFacts facts{
        .label = label(route), .hedge = HedgeRule::of(route.hedge), .rules = RouteRules::of(route)};
    facts.upstream = place_of(*config_, route.to);
    if (route.rules.split) {
      for (const SplitTarget& target : route.rules.split->among) {
        facts.split.push_back(place_of(*config_, target.upstream));
      }
    }
    if (route.rules.forward_auth) facts.auth = place_of(*config_, route.rules.forward_auth->to);
    if (route.rules.mirror) facts.mirror = place_of(*config_, route.rules.mirror->to);
    facts.slot = routes.slot_of(facts.label);
    routes_.push_back(std::move(facts));
  }
  for (const UpstreamConfig& upstream : config_->upstreams) {
    upstream_slots_.push_back(upstreams.slot_of(upstream.name));
  }
}

bool Snapshot::trusts(const Address& peer) const {
  if (peer.family == AddressFamily::unix_path) return true;  // whoever may open it may be believed
  return is_in_any(config_->trusted_proxies, peer);
}

}  // namespace gg
