// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_answers.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace gg {

namespace {

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

}  // namespace gg
