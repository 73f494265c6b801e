// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_answers.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

namespace gg {

namespace {

constexpr std::uint32_t weight_most = 1000;
constexpr std::uint32_t tier_most = 16;

EndpointUrl url_of(std::string host, std::uint16_t port, const UpstreamConfig& upstream) {
  return {.scheme = upstream.tls ? Scheme::https : Scheme::http,
          .host = std::move(host),
          .port = port,
          .path = {}};
}

std::string host_of(const Address& address) {
  std::string text = to_text(address);  // "10.0.0.1:0", "[fd00::1]:0"
  text.resize(text.rfind(':'));
  bool is_v6 = text.starts_with('[');
  return is_v6 ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::vector<EndpointConfig> endpoints_of(const Resolved& resolved, const UpstreamConfig& upstream) {
  std::vector<EndpointConfig> endpoints;
  for (const Address& address : resolved.addresses) {
    endpoints.push_back({.url = url_of(host_of(address), upstream.discover->port, upstream)});
  }
  std::ranges::sort(endpoints, {}, [](const EndpointConfig& one) { return one.url.host; });
  return endpoints;
}

std::vector<EndpointConfig> endpoints_of(const Services& services, const UpstreamConfig& upstream) {
  std::vector<Service> all = services.all;
  std::ranges::sort(
      all, {}, [](const Service& one) { return std::tuple(one.priority, one.target, one.port); });
  std::uint32_t heaviest = 0;
  for (const Service& service : all) heaviest = std::max<std::uint32_t>(heaviest, service.weight);
  std::vector<EndpointConfig> endpoints;
  std::uint32_t tier = 1;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Service& service = all[i];
    if (i > 0 && service.priority != all[i - 1].priority) tier = std::min(tier + 1, tier_most);
    std::uint32_t weight = service.weight;
    if (heaviest > weight_most) weight = weight * weight_most / heaviest;
    endpoints.push_back({.url = url_of(service.target, service.port, upstream),
                         .weight = std::max(weight, 1U),
                         .tier = tier});
  }
  return endpoints;
}

}  // namespace gg
