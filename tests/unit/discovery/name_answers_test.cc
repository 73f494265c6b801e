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

struct ServicesRow {
  std::vector<Service> all;
  std::string_view endpoints;
};

TEST(NameAnswers, PrioritiesAreTiersAndWeightsAreWeights) {
  const ServicesRow rows[] = {
      {{}, ""},
      {{{.target = "a", .port = 1, .priority = 0, .weight = 0}}, "a:1/1/1"},
      {{{.target = "b", .port = 1, .priority = 20, .weight = 3},
        {.target = "a", .port = 2, .priority = 10, .weight = 7},
        {.target = "c", .port = 3, .priority = 20, .weight = 0}},
       "a:2/7/1 b:1/3/2 c:3/1/2"},
      {{{.target = "a", .port = 1, .priority = 1, .weight = 65535},
        {.target = "b", .port = 1, .priority = 1, .weight = 6554},
        {.target = "c", .port = 1, .priority = 1, .weight = 1}},
       "a:1/1000/1 b:1/100/1 c:1/1/1"},
  };
  for (const ServicesRow& row : rows) {
    EXPECT_EQ(text_of(endpoints_of(Services{.all = row.all}, upstream_at(0))), row.endpoints);
  }
}

TEST(NameAnswers, ThereAreSixteenTiersAtMost) {
  Services services;
  for (std::uint16_t i = 0; i < 20; ++i) {
    services.all.push_back({.target = "a", .port = 1, .priority = i, .weight = 1});
  }

  EXPECT_EQ(endpoints_of(services, upstream_at(0)).back().tier, 16U);
}

}  // namespace
}  // namespace gg
