// SPDX-License-Identifier: Apache-2.0
// TLS towards the endpoints of one upstream: whom to trust, what to show. One per upstream, shared
// by all workers.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "config/model.h"
#include "tls/certificates.h"
#include "tls/tls_stream.h"

struct ssl_ctx_st;

namespace gg {

/// Which protocols a handshake offers (RFC 7301).
enum class TlsOffer : std::uint8_t { as_configured, http1, http2 };

/// Immutable. Any thread.
class TlsClientContext {
 public:
  static Result<std::unique_ptr<TlsClientContext>, CertificateProblem> make(
      const UpstreamTls& settings, Http2Use http2 = Http2Use::never);
  TlsClientContext(const TlsClientContext&) = delete;
  TlsClientContext& operator=(const TlsClientContext&) = delete;
  ~TlsClientContext();

  /// A stream over a connected socket, before its handshake. The endpoint's certificate must be for
  /// the configured name, else for `host`. `session` may be null.
  std::unique_ptr<TlsStream> wrap(SocketPtr socket, std::string_view host, TlsSession* session,
                                  TlsOffer offer = TlsOffer::as_configured) const;

 private:
  TlsClientContext(ssl_ctx_st* context, const UpstreamTls& settings);

  ssl_ctx_st* context_;
  std::string server_name_;
  bool verify_;
};

/// One per upstream, null where no endpoint is https; or what is wrong with a file of the first
/// upstream that has one.
using TlsClientContexts = std::vector<std::unique_ptr<TlsClientContext>>;
Result<TlsClientContexts, CertificateProblem> make_client_contexts(const Config& config);
/// Towards the servers of etcd; null where none of them is https.
Result<std::unique_ptr<TlsClientContext>, CertificateProblem> make_etcd_context(
    const Config& config);

}  // namespace gg
