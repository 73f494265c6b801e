// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_answers.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

UpstreamConfig upstream_at(std::uint16_t port) {
  UpstreamConfig upstream{.name = "app"};
  upstream.discover = DiscoverConfig{.dns = "app.internal", .port = port};
  return upstream;
}

/// "host:port/weight/tier" of each.
std::string text_of(const std::vector<EndpointConfig>& endpoints) {
  std::string text;
  for (const EndpointConfig& one : endpoints) {
    text += (text.empty() ? "" : " ") + one.url.host + ":" + std::to_string(one.url.port) + "/" +
            std::to_string(one.weight) + "/" + std::to_string(one.tier);
  }
  return text;
}

TEST(NameAnswers, EveryAddressOfBothFamiliesIsAnEndpointInAnOrderOfItsOwn) {
  Resolved resolved{
      .addresses = {*parse_ip("fd00::1"), *parse_ip("10.0.0.2"), *parse_ip("10.0.0.1")}};

  EXPECT_EQ(text_of(endpoints_of(resolved, upstream_at(3000))),
            "10.0.0.1:3000/1/1 10.0.0.2:3000/1/1 fd00::1:3000/1/1");
}

TEST(NameAnswers, WithTlsTheyAreReachedByHttps) {
  UpstreamConfig upstream = upstream_at(443);
  Resolved resolved{.addresses = {*parse_ip("10.0.0.1")}};
  EXPECT_EQ(endpoints_of(resolved, upstream)[0].url.scheme, Scheme::http);

  upstream.tls.emplace();
  EXPECT_EQ(endpoints_of(resolved, upstream)[0].url.scheme, Scheme::https);
}

}  // namespace
}  // namespace gg
