// SPDX-License-Identifier: Apache-2.0
#include "fault/hops.h"

#include <gtest/gtest.h>

#include "fault/catalogue.h"

namespace gg {
namespace {

TEST(Hops, TheMemberNearestToTheServiceIsTheGuiltyOne) {
  HopFacts facts{.via = {"1.1 inner", "1.1 edge"},
                 .status = {"inner; error=connection_refused; next-hop=\"10.0.0.9:80\"",
                            "edge; received-status=502"}};

  std::optional<GuiltyHop> hop = guilty_hop_of(502, facts);

  ASSERT_TRUE(hop.has_value());
  EXPECT_EQ(hop->name, "inner");
  EXPECT_EQ(hop->cause, Fault::connect_refused);
  EXPECT_EQ(hop->next, "10.0.0.9:80");
  EXPECT_EQ(hop->before, 1U);
}

TEST(Hops, AMemberWithoutAnErrorIsPassedOver) {
  HopFacts facts{.status = {"inner; received-status=504", "\"edge\";error=http_response_timeout"}};

  std::optional<GuiltyHop> hop = guilty_hop_of(504, facts);

  ASSERT_TRUE(hop.has_value());
  EXPECT_EQ(hop->name, "edge");
  EXPECT_EQ(hop->cause, Fault::head_timeout);
}

struct KnownPage {
  const char* product;
  int status;
  const char* server;
  const char* body;
};

TEST(Hops, KnownProductsAreRecognisedByTheirPages) {
  const KnownPage known[] = {
      {"nginx", 502, "nginx/1.22.1", "<hr><center>nginx/1.22.1</center>"},
      {"nginx", 502, "", "<hr><center>nginx</center>"},
      {"HAProxy", 503, "",
       "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this "
       "request.\n</body></html>\n"},
      {"Envoy", 503, "", "no healthy upstream"},
      {"Envoy", 503, "envoy",
       "upstream connect error or disconnect/reset before headers. reset reason: connection "
       "termination"},
      {"Traefik, or another proxy in Go", 502, "", "Bad Gateway"},
      {"Traefik, or another proxy in Go", 503, "", "no available server\n"},
      {"Caddy", 502, "Caddy", ""},
      {"AWS ALB", 504, "awselb/2.0", "<center><h1>504 Gateway Time-out</h1></center>"},
      {"Cloudflare", 522, "cloudflare", "<title>example | 522: Error 522</title>"},
      {"", 502, "gunicorn", "<h1>Oops</h1>"},
  };
  for (const KnownPage& page : known) {
    EXPECT_EQ(product_of_page(page.status, {.server = page.server, .body_start = page.body}),
              page.product)
        << page.body;
  }
}

TEST(Hops, AnEnvoyThatSaysWhatItMetIsBelieved) {
  HopFacts facts{.body_start =
                     "upstream connect error or disconnect/reset before headers. reset "
                     "reason: connection termination"};

  EXPECT_EQ(guilty_hop_of(503, facts)->cause, Fault::closed_before_head);
}

TEST(Hops, ViaAloneNamesTheFirstGateway) {
  std::optional<GuiltyHop> hop = guilty_hop_of(502, {.via = {"1.1 varnish (Varnish/7.1)"}});

  ASSERT_TRUE(hop.has_value());
  EXPECT_EQ(hop->name, "varnish");
  EXPECT_EQ(hop->cause, Fault::none);
}

TEST(Hops, NothingIsSaidOfAResponseThatSaysNothing) {
  EXPECT_FALSE(guilty_hop_of(503, {.server = "gunicorn", .body_start = "busy"}).has_value());
}

TEST(Hops, EveryErrorTokenOfTheCatalogueStandsForAFault) {
  for (const FaultRow& row : catalogue()) {
    if (row.error.empty()) continue;
    Fault fault = fault_of_token(row.error);
    if (fault != Fault::none) EXPECT_EQ(row_of(fault).error, row.error);
  }
  EXPECT_EQ(fault_of_token("connection_refused"), Fault::connect_refused);
  EXPECT_EQ(fault_of_token("no_such_token"), Fault::none);
}

TEST(Hops, AreSaidWithWhatMattersFirst) {
  EXPECT_EQ(text_of({.name = "inner",
                     .cause = Fault::connect_timeout,
                     .next = "10.1.2.3:8080",
                     .evidence = "Proxy-Status: inner"}),
            "inner: connect_timeout at 10.1.2.3:8080");
  EXPECT_EQ(text_of({.name = "nginx",
                     .cause = Fault::none,
                     .next = {},
                     .evidence = "its own page for 502, Server: nginx"}),
            "nginx, by its own page for 502, Server: nginx");
}

}  // namespace
}  // namespace gg
