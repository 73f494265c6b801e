// SPDX-License-Identifier: Apache-2.0
#include "sim/swarm_speech.h"

#include <openssl/rand.h>

#include <algorithm>

#include "support/tls_origin.h"

namespace gg {

namespace {

Rng& tls_chance() {
  static Rng rng(0);
  return rng;
}

int draw_bytes(unsigned char* bytes, int count) {
  std::generate_n(bytes, count, [] { return static_cast<unsigned char>(tls_chance().below(256)); });
  return 1;
}

/// OpenSSL draws from the seed too: tickets vary in length by what is in them. A seed with TLS has
/// the same trace nearly always; what makes it another one is probably the real clock.
void seed_tls(Seed seed) {
  static const RAND_METHOD method{.seed = nullptr,
                                  .bytes = draw_bytes,
                                  .cleanup = nullptr,
                                  .add = nullptr,
                                  .pseudorand = draw_bytes,
                                  .status = [] { return 1; }};
  tls_chance() = Rng(seed.value * 31 + 27);
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  RAND_set_rand_method(&method);
#pragma clang diagnostic pop
}

// Contexts live as long as the program; keys and certificates are made once.

CertificateWish certificate_of_origins() {
  CertificateWish wish{.names = {}};
  for (int i = 0; i < 5; ++i) {
    wish.names.push_back("10.2.0." + std::to_string(i + 1));
    wish.names.push_back("origin-" + std::to_string(i) + ".internal");
  }
  return wish;
}

const TlsServerContext& http1_origin() {
  static const TlsServerContext& context =
      tls_origin_context({.certificate = certificate_of_origins(), .protocols = {"http/1.1"}});
  return context;
}

const TlsServerContext& http2_origin() {
  static const TlsServerContext& context =
      tls_origin_context({.certificate = certificate_of_origins(), .protocols = {"h2"}});
  return context;
}

const TlsServerContext& gateway() {
  static const TlsServerContext& context = tls_origin_context(
      {.certificate = {.names = {"shop.example"}}, .protocols = {"h2", "http/1.1"}});
  return context;
}

const TlsClientContext& clients() {
  static const auto made = TlsClientContext::make({.ca = test_authority().file()});
  return **made;
}

/// Before chance is seeded, of which they take their keys.
void make_contexts() {
  http1_origin();
  http2_origin();
  gateway();
  clients();
}

}  // namespace

std::vector<SimHttp2Relay*> set_speech(World& world, const SwarmPlan& plan, Seed seed) {
  bool any = std::ranges::any_of(plan.origins, speaks_tls, &SwarmOrigin::speech);
  if (any || plan.tls_in_front) {
    make_contexts();
    seed_tls(seed);
  }
  if (any) world.upstream().tls = UpstreamTls{.ca = test_authority().file()};
  LinkSettings inner = LinkSettings::calm();
  inner.latency = 20us;
  std::vector<SimHttp2Relay*> relays;
  for (std::size_t i = 0; i < plan.origins.size(); ++i) {
    SwarmSpeech speech = plan.origins[i].speech;
    relays.push_back(speaks_http2(speech) ? &world.hide_behind_http2(i) : nullptr);
    if (speaks_tls(speech)) {
      world.hide_behind_tls(i, speaks_http2(speech) ? http2_origin() : http1_origin());
    }
    world.machine(i).set_inner_links(inner);
  }
  world.upstream().http2 = plan.http2_is_known ? Http2Use::always : Http2Use::automatic;
  if (plan.tls_in_front) {
    world.put_tls_in_front(gateway(), clients());
    world.network().set_link(World::clients_address(), inner);
    world.network().set_link(World::http2_clients_address(), inner);
  }
  return relays;
}

}  // namespace gg
