// SPDX-License-Identifier: Apache-2.0
// Certificates and contexts for simulations in which an origin is reached by TLS: one authority for
// the whole program, and a context per way of being wrong.
#pragma once

#include <memory>

#include "support/test_certificates.h"
#include "support/world.h"
#include "tls/server_context.h"

namespace gg {

/// Trusted by the gateway in these simulations.
inline TestAuthority& test_authority() {
  static TestAuthority authority;
  return authority;
}

/// What an origin shows of itself.
struct TlsOriginWish {
  CertificateWish certificate{.names = {"10.2.0.1", "10.2.0.2", "10.2.0.3"}};
  std::vector<std::string> protocols{"http/1.1"};
  std::string client_ca = {};          // whose certificates it asks for
  TestAuthority* authority = nullptr;  // that vouches for it; null: the trusted one
};

/// Lives to the end of the program: worlds that use it may die in any order.
inline const TlsServerContext& tls_origin_context(const TlsOriginWish& wish = {}) {
  static const TicketKeys tickets(TicketKeys::Secret{7});
  static std::vector<std::unique_ptr<TlsServerContext>> contexts;
  TestAuthority& authority = wish.authority != nullptr ? *wish.authority : test_authority();
  ListenerTls settings{.certificates = {authority.issue(wish.certificate)},
                       .client_ca = wish.client_ca};
  auto made = TlsServerContext::make(settings, wish.protocols, tickets);
  GG_ASSERT(made.has_value());
  contexts.push_back(std::move(*made));
  return *contexts.back();
}

/// Origin `index` of that world is reached by TLS, and its certificate is checked.
inline SimTlsRelay& speak_tls(World& world, std::size_t index, const TlsOriginWish& wish = {}) {
  world.upstream().tls = UpstreamTls{.ca = test_authority().file()};
  return world.hide_behind_tls(index, tls_origin_context(wish));
}

}  // namespace gg
