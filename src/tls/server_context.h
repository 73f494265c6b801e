// SPDX-License-Identifier: Apache-2.0
// TLS towards the clients of one listener: which certificate for which name, who may come, what is
// spoken inside. One per listener, shared by all workers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/model.h"
#include "tls/certificates.h"
#include "tls/stapled_response.h"
#include "tls/ticket_keys.h"
#include "tls/tls_stream.h"

struct ssl_ctx_st;

namespace gg {

/// Immutable. Any thread.
class TlsServerContext {
 public:
  /// `protocols`: the ALPN names to choose from, the dearest first. `tickets` outlives the context.
  static Result<std::unique_ptr<TlsServerContext>, CertificateProblem> make(
      const ListenerTls& settings, const std::vector<std::string>& protocols,
      const TicketKeys& tickets);
  TlsServerContext(const TlsServerContext&) = delete;
  TlsServerContext& operator=(const TlsServerContext&) = delete;
  ~TlsServerContext();

  /// A stream over an accepted socket, before its handshake. `first` was read from it already.
  std::unique_ptr<TlsStream> wrap(SocketPtr socket, Chunk first = {}) const;

  /// For the library's callbacks: what serves that name; the first certificate's if none is for it.
  ssl_ctx_st* context_for(std::string_view server_name) const;
  const std::string& protocols() const { return protocols_; }
  const TicketKeys& tickets() const { return tickets_; }
  /// What is stapled to that certificate now; null: nothing.
  const StapledResponse* response_about(const x509_st* certificate, WallTime now) const;

  const std::vector<CertificateExpiry>& expiries() const { return expiries_; }

 private:
  explicit TlsServerContext(const TicketKeys& tickets) : tickets_(tickets) {}
  ssl_ctx_st* new_context();
  std::optional<CertificateProblem> add(const Certificate& files);
  std::optional<CertificateProblem> ask_for_clients(const ListenerTls& settings);

  const TicketKeys& tickets_;
  std::vector<CertificateExpiry> expiries_;
  std::vector<std::pair<const x509_st*, StapledResponse>> responses_;
  std::string protocols_;              // as they stand on the wire
  std::vector<ssl_ctx_st*> contexts_;  // owned; the first one is for names that nobody has
  std::unordered_map<std::string, ssl_ctx_st*> by_name_;   // "*.shop.example" for a wildcard
  std::unordered_map<std::string, ssl_ctx_st*> by_names_;  // all the names of a certificate
};

/// One per listener, null where it is plain; or what is wrong with a file of the first that has
/// one.
using TlsServerContexts = std::vector<std::unique_ptr<TlsServerContext>>;
Result<TlsServerContexts, CertificateProblem> make_server_contexts(const Config& config,
                                                                   const TicketKeys& tickets);
/// What a client of that listener may speak inside TLS, the dearest first.
std::vector<std::string> protocols_of(const ListenerConfig& listener);

/// After the handshake.
ClientIdentity client_identity_of(const TlsStream& stream);

}  // namespace gg
