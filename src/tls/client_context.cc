// SPDX-License-Identifier: Apache-2.0
#include "tls/client_context.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <optional>

#include "engine/address.h"
#include "tls/library.h"
#include "tls/own_certificate.h"

namespace gg {

namespace {

constexpr std::string_view only_http1 = "\x08http/1.1";
constexpr std::string_view only_http2 = "\x02h2";
constexpr std::string_view both = "\x02h2\x08http/1.1";

std::string_view offer_of(Http2Use http2) {
  switch (http2) {
    case Http2Use::automatic:
      return both;
    case Http2Use::always:
      return only_http2;
    case Http2Use::never:
      break;
  }
  return only_http1;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

int keep_session(SSL* ssl, SSL_SESSION* session) {
  return static_cast<TlsStream*>(SSL_get_app_data(ssl))->keep_session(session) ? 1 : 0;
}

}  // namespace

Result<std::unique_ptr<TlsClientContext>, CertificateProblem> TlsClientContext::make(
    const UpstreamTls& settings, Http2Use http2) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  GG_ASSERT(context != nullptr);
  std::unique_ptr<TlsClientContext> made(new TlsClientContext(context, settings));
  set_modern_defaults(context);
  std::string_view offer = offer_of(http2);
  SSL_CTX_set_alpn_protos(context, bytes_of(offer), static_cast<unsigned>(offer.size()));
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  if (settings.verify) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    AuthorityStore store;
    if (settings.ca.empty()) {
      store = system_authorities();
    } else {
      Result<AuthorityStore, CertificateProblem> loaded = load_authorities(settings.ca);
      if (!loaded) return Failure(loaded.error());
      store = std::move(*loaded);
    }
    SSL_CTX_set_cert_store(context, store.release());
  }
  if (!settings.cert.empty()) {
    Result<CertificateFiles, CertificateProblem> own =
        CertificateFiles::load({.cert = settings.cert, .key = settings.key});
    if (!own) return Failure(own.error());
    std::optional<CertificateProblem> unusable = use_certificate(context, *own, settings.cert);
    if (unusable) return Failure(*unusable);
  }
  return made;
}

TlsClientContext::TlsClientContext(SSL_CTX* context, const UpstreamTls& settings)
    : context_(context), server_name_(settings.server_name), verify_(settings.verify) {}

TlsClientContext::~TlsClientContext() { SSL_CTX_free(context_); }

Result<TlsClientContexts, CertificateProblem> make_client_contexts(const Config& config) {
  TlsClientContexts contexts;
  for (const UpstreamConfig& upstream : config.upstreams) {
    std::unique_ptr<TlsClientContext>& context = contexts.emplace_back();
    // What is discovered may become https at any time.
    bool is_needed = upstream.discover.has_value() ||
                     std::ranges::any_of(upstream.endpoints, [](const EndpointConfig& endpoint) {
                       return endpoint.url.scheme == Scheme::https;
                     });
    if (!is_needed) continue;
    UpstreamTls settings = upstream.tls.value_or(UpstreamTls{});
    // Its addresses are found under that name, and its certificates are for it.
    bool has_name = !settings.server_name.empty() || !upstream.discover;
    if (!has_name) settings.server_name = upstream.discover->dns;
    Result<std::unique_ptr<TlsClientContext>, CertificateProblem> made =
        TlsClientContext::make(settings, upstream.http2);
    if (!made) return Failure(made.error());
    context = std::move(*made);
  }
  return contexts;
}

std::unique_ptr<TlsStream> TlsClientContext::wrap(SocketPtr socket, std::string_view host,
                                                  TlsSession* session, TlsOffer offer) const {
  SSL* ssl = SSL_new(context_);
  GG_ASSERT(ssl != nullptr);
  std::string name(server_name_.empty() ? host : std::string_view(server_name_));
  bool is_ip = parse_ip(name, 0).has_value();
  // RFC 6066 3: an address is no server name.
  if (!is_ip && !name.empty()) SSL_set_tlsext_host_name(ssl, name.c_str());
  if (verify_ && !name.empty()) {
    X509_VERIFY_PARAM* rules = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (is_ip) {
      X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str());
    } else {
      X509_VERIFY_PARAM_set1_host(rules, name.data(), name.size());
    }
  }
  if (offer != TlsOffer::as_configured) {
    std::string_view offered = offer == TlsOffer::http1 ? only_http1 : only_http2;
    SSL_set_alpn_protos(ssl, bytes_of(offered), static_cast<unsigned>(offered.size()));
  }
  ERR_clear_error();
  return std::make_unique<TlsStream>(std::move(socket), ssl, TlsStream::Role::client, session);
}

Result<std::unique_ptr<TlsClientContext>, CertificateProblem> make_etcd_context(
    const Config& config) {
  bool is_needed = config.etcd && std::ranges::any_of(config.etcd->servers, [](const auto& server) {
                     return server.scheme == Scheme::https;
                   });
  if (!is_needed) return nullptr;
  return TlsClientContext::make(config.etcd->tls.value_or(UpstreamTls{}));
}

}  // namespace gg
