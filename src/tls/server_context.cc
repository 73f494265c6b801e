// SPDX-License-Identifier: Apache-2.0
#include "tls/server_context.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "tls/library.h"
#include "tls/own_certificate.h"

namespace gg {

namespace {

constexpr unsigned char session_context[] = "goodgate";

TlsServerContext& context_of(void* argument) { return *static_cast<TlsServerContext*>(argument); }

int choose_certificate(SSL* ssl, int* /*alert*/, void* argument) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_CTX* wanted = context_of(argument).context_for(name);
  if (SSL_get_SSL_CTX(ssl) != wanted) SSL_set_SSL_CTX(ssl, wanted);
  return SSL_TLSEXT_ERR_OK;
}

/// RFC 7301 3.2: whoever offers protocols and has none of ours is refused.
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void* argument) {
  const std::string& ours = context_of(argument).protocols();
  unsigned char* found = nullptr;
  int result =
      SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned>(ours.size()), offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Seals a ticket (`sealing` is 1) or opens one. 2: opened, but a new one is to be given.
int use_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                   EVP_MAC_CTX* mac, int sealing) {
  const auto& context =
      *static_cast<const TlsServerContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  WallTime now = static_cast<TlsStream*>(SSL_get_app_data(ssl))->engine().wall_now();
  TicketKeys::Found used;
  if (sealing == 1) {
    used.key = context.tickets().at(now);
    std::ranges::copy(used.key.name, name);
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
  } else {
    std::optional<TicketKeys::Found> found =
        context.tickets().find(std::span<const unsigned char, 16>(name, 16), now);
    if (!found) return 0;
    used = *found;
  }
  char digest[] = "SHA256";
  OSSL_PARAM settings[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_end()};
  bool is_ready = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, used.key.cipher.data(), iv,
                                    sealing) == 1 &&
                  EVP_MAC_init(mac, used.key.mac.data(), used.key.mac.size(), settings) == 1;
  if (!is_ready) return -1;
  return used.is_old ? 2 : 1;
}

int staple(SSL* ssl, void* argument) {
  WallTime now = static_cast<TlsStream*>(SSL_get_app_data(ssl))->engine().wall_now();
  const StapledResponse* response =
      context_of(argument).response_about(SSL_get_certificate(ssl), now);
  if (response == nullptr) return SSL_TLSEXT_ERR_NOACK;
  std::string_view bytes = response->bytes();
  // The library owns it from here on.
  SSL_set_tlsext_status_ocsp_resp(ssl, OPENSSL_memdup(bytes.data(), bytes.size()),
                                  static_cast<long>(bytes.size()));
  return SSL_TLSEXT_ERR_OK;
}

/// A session is resumed only where the same is asked of clients: else who was not asked for a
/// certificate would come in with the ticket of a listener that does not ask, or with one from
/// before an authority was taken away.
std::array<unsigned char, 32> session_context_of(const ListenerTls& settings) {
  std::ifstream in(settings.client_ca, std::ios::binary);
  std::string text(1, static_cast<char>(settings.client_certificates));
  text.append(std::istreambuf_iterator<char>(in), {});
  std::array<unsigned char, 32> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

std::string on_the_wire(const std::vector<std::string>& protocols) {
  std::string text;
  for (const std::string& protocol : protocols) {
    text += static_cast<char>(protocol.size());
    text += protocol;
  }
  return text;
}

/// RFC 8941 3.3.5: a byte sequence.
void append_certificate(std::string& to, X509* certificate) {
  unsigned char* der = nullptr;
  int size = i2d_X509(certificate, &der);
  if (size <= 0) return;
  auto bytes = static_cast<std::size_t>(size);
  std::string text(4 * ((bytes + 2) / 3) + 1, '\0');
  int written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), der, size);
  text.resize(static_cast<std::size_t>(written));
  OPENSSL_free(der);
  to.append(to.empty() ? ":" : ", :").append(text).append(":");
}

}  // namespace

Result<std::unique_ptr<TlsServerContext>, CertificateProblem> TlsServerContext::make(
    const ListenerTls& settings, const std::vector<std::string>& protocols,
    const TicketKeys& tickets) {
  std::unique_ptr<TlsServerContext> made(new TlsServerContext(tickets));
  made->protocols_ = on_the_wire(protocols);
  for (const Certificate& files : settings.certificates) {
    std::optional<CertificateProblem> problem = made->add(files);
    if (problem) return Failure(*problem);
  }
  if (!settings.client_ca.empty()) {
    std::optional<CertificateProblem> problem = made->ask_for_clients(settings);
    if (problem) return Failure(*problem);
  }
  return made;
}

std::vector<std::string> protocols_of(const ListenerConfig& listener) {
  if (listener.http2) return {"h2", "http/1.1"};
  return {"http/1.1"};
}

Result<TlsServerContexts, CertificateProblem> make_server_contexts(const Config& config,
                                                                   const TicketKeys& tickets) {
  TlsServerContexts contexts;
  for (const ListenerConfig& listener : config.listeners) {
    std::unique_ptr<TlsServerContext>& context = contexts.emplace_back();
    if (!listener.tls) continue;
    Result<std::unique_ptr<TlsServerContext>, CertificateProblem> made =
        TlsServerContext::make(*listener.tls, protocols_of(listener), tickets);
    if (!made) return Failure(made.error());
    context = std::move(*made);
  }
  return contexts;
}

TlsServerContext::~TlsServerContext() {
  for (SSL_CTX* context : contexts_) SSL_CTX_free(context);
}

SSL_CTX* TlsServerContext::new_context() {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  GG_ASSERT(context != nullptr);
  contexts_.push_back(context);
  set_modern_defaults(context);
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_tlsext_servername_callback(context, choose_certificate);
  SSL_CTX_set_tlsext_servername_arg(context, this);
  SSL_CTX_set_tlsext_status_cb(context, staple);
  SSL_CTX_set_tlsext_status_arg(context, this);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, use_ticket_key);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context, session_context, sizeof session_context - 1);
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(TicketKeys::lifetime).count();
  SSL_CTX_set_timeout(context, static_cast<long>(seconds));
  SSL_CTX_set_num_tickets(context, 1);
  return context;
}

/// Certificates for the same names (one with an ECDSA key, one with an RSA key) share a context,
/// in which the library chooses by what the client can check.
std::optional<CertificateProblem> TlsServerContext::add(const Certificate& files) {
  Result<CertificateFiles, CertificateProblem> loaded = CertificateFiles::load(files);
  if (!loaded) return loaded.error();
  if (loaded->names().empty()) {
    return CertificateProblem{.file = files.cert,
                              .problem = "is for no name at all",
                              .remedy = "have it issued for the names that clients ask for"};
  }
  expiries_.push_back({.file = files.cert, .time = loaded->valid_until()});
  std::vector<std::string> sorted = loaded->names();
  std::ranges::sort(sorted);
  std::string all;
  for (const std::string& name : sorted) all += name + " ";
  SSL_CTX*& context = by_names_[all];
  if (context == nullptr) context = new_context();
  for (const std::string& name : sorted) by_name_.try_emplace(name, context);
  std::optional<CertificateProblem> problem = use_certificate(context, *loaded, files.cert);
  if (problem || files.ocsp.empty()) return problem;
  Result<StapledResponse, CertificateProblem> response = StapledResponse::load(files.ocsp, *loaded);
  if (!response) return response.error();
  // The context keeps the certificate.
  responses_.emplace_back(loaded->own(), std::move(*response));
  return std::nullopt;
}

const StapledResponse* TlsServerContext::response_about(const X509* certificate,
                                                        WallTime now) const {
  auto found = std::ranges::find_if(
      responses_, [&](const auto& response) { return response.first == certificate; });
  bool is_good = found != responses_.end() && !found->second.problem_at(now);
  return is_good ? &found->second : nullptr;
}

std::optional<CertificateProblem> TlsServerContext::ask_for_clients(const ListenerTls& settings) {
  const std::string& ca = settings.client_ca;
  Result<AuthorityStore, CertificateProblem> store = load_authorities(ca);
  if (!store) return store.error();
  bool is_optional = settings.client_certificates == ListenerTls::ClientCertificates::optional;
  int mode = SSL_VERIFY_PEER | (is_optional ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT);
  std::array<unsigned char, 32> sessions = session_context_of(settings);
  for (SSL_CTX* context : contexts_) {
    SSL_CTX_set1_cert_store(context, store->get());
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(ca.c_str()));
    SSL_CTX_set_verify(context, mode, nullptr);
    SSL_CTX_set_session_id_context(context, sessions.data(), sessions.size());
  }
  ERR_clear_error();
  return std::nullopt;
}

std::unique_ptr<TlsStream> TlsServerContext::wrap(SocketPtr socket, Chunk first) const {
  SSL* ssl = SSL_new(contexts_.front());
  GG_ASSERT(ssl != nullptr);
  auto stream =
      std::make_unique<TlsStream>(std::move(socket), ssl, TlsStream::Role::server, nullptr);
  stream->begin_with(std::move(first));
  return stream;
}

SSL_CTX* TlsServerContext::context_for(std::string_view server_name) const {
  std::string name(server_name);
  for (char& c : name) c = ascii_lower(c);
  if (name.ends_with('.')) name.pop_back();
  auto exact = by_name_.find(name);
  if (exact != by_name_.end()) return exact->second;
  // RFC 6125 6.4.3: the star stands for one label, the leftmost.
  std::size_t dot = name.find('.');
  if (dot != std::string::npos) {
    auto wildcard = by_name_.find("*" + name.substr(dot));
    if (wildcard != by_name_.end()) return wildcard->second;
  }
  return contexts_.front();
}

ClientIdentity client_identity_of(const TlsStream& stream) {
  ClientIdentity identity;
  X509* own = SSL_get0_peer_certificate(stream.library());
  if (own == nullptr) return identity;
  append_certificate(identity.certificate, own);
  STACK_OF(X509)* chain = SSL_get_peer_cert_chain(stream.library());
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    append_certificate(identity.chain, sk_X509_value(chain, i));
  }
  return identity;
}

}  // namespace gg
