// SPDX-License-Identifier: Apache-2.0
#include "tls/practice_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "base/assert.h"
#include "engine/address.h"
#include "tls/library.h"

namespace gg {

namespace {

constexpr std::int64_t day = 24 * 60 * 60;
constexpr const char* nobodys_name = "somebody-else.example";

KeyPtr make_key() {
  KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  GG_ASSERT(key != nullptr);
  return key;
}

/// In seconds of the calendar.
struct Validity {
  std::int64_t from = 0;
  std::int64_t until = 0;
};

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  GG_ASSERT(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// Everything but names and signature.
X509Ptr begin_certificate(const char* subject, Validity validity, EVP_PKEY* key) {
  X509Ptr made(X509_new());
  GG_ASSERT(made != nullptr);
  X509_set_version(made.get(), X509_VERSION_3);
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial);
  ASN1_TIME_set(X509_getm_notBefore(made.get()), validity.from);
  ASN1_TIME_set(X509_getm_notAfter(made.get()), validity.until);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(subject), -1, -1, 0);
  return made;
}

X509Ptr make_authority(const char* subject, Validity validity, EVP_PKEY* key) {
  X509Ptr made = begin_certificate(subject, validity, key);
  X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
  extend(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(made.get(), key, EVP_sha256());
  return made;
}

std::string as_extension(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ",") + std::string(parse_ip(name) ? "IP:" : "DNS:") + name;
  }
  return text;
}

int refuse_hello(SSL* /*ssl*/, int* alert, void* /*argument*/) {
  *alert = SSL_AD_HANDSHAKE_FAILURE;
  return SSL_CLIENT_HELLO_ERROR;
}

int choose_http1(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* size,
                 const unsigned char* offered, unsigned offered_size, void* /*argument*/) {
  static constexpr unsigned char ours[] = "\x08http/1.1";  // stays: the library is given a view
  unsigned char* found = nullptr;
  int result = SSL_select_next_proto(&found, size, ours, sizeof ours - 1, offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

void speak_as_wished(SSL_CTX* context, PracticeTls how, X509* authority) {
  switch (how) {
    case PracticeTls::old_version:
      SSL_CTX_set_security_level(context, 0);
      SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
      SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
      break;
    case PracticeTls::alert:
      SSL_CTX_set_client_hello_cb(context, refuse_hello, nullptr);
      break;
    case PracticeTls::demands_certificate:
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority);
      SSL_CTX_add_client_CA(context, authority);
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
      break;
    case PracticeTls::right:
    case PracticeTls::untrusted:
    case PracticeTls::expired:
    case PracticeTls::not_yet_valid:
    case PracticeTls::wrong_name:
      break;
  }
}

}  // namespace

PracticeContext::~PracticeContext() { SSL_CTX_free(context_); }

std::unique_ptr<TlsStream> PracticeContext::wrap(SocketPtr socket) const {
  SSL* ssl = SSL_new(context_);
  GG_ASSERT(ssl != nullptr);
  ERR_clear_error();
  return std::make_unique<TlsStream>(std::move(socket), ssl, TlsStream::Role::server, nullptr);
}

PracticeAuthority::PracticeAuthority(WallTime now) : now_(now) {
  std::int64_t seconds = now.microseconds / 1'000'000;
  KeyPtr key = make_key();
  X509Ptr made = make_authority("goodgate drill authority",
                                {.from = seconds - day, .until = seconds + 30 * day}, key.get());
  key_ = key.release();
  certificate_ = made.release();
}

PracticeAuthority::~PracticeAuthority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

std::string PracticeAuthority::pem() const {
  BioPtr memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), certificate_);
  char* bytes = nullptr;
  long size = BIO_get_mem_data(memory.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::unique_ptr<PracticeContext> PracticeAuthority::serve(
    PracticeTls how, const std::vector<std::string>& names) const {
  std::int64_t seconds = now_.microseconds / 1'000'000;
  Validity validity{.from = seconds - day, .until = seconds + 20 * day};
  if (how == PracticeTls::expired) validity = {.from = seconds - 20 * day, .until = seconds - day};
  if (how == PracticeTls::not_yet_valid) validity.from = seconds + day;

  KeyPtr unknown_key;
  X509Ptr unknown;
  if (how == PracticeTls::untrusted) {
    unknown_key = make_key();
    unknown = make_authority("nobody's authority", validity, unknown_key.get());
  }
  X509* issuer = unknown != nullptr ? unknown.get() : certificate_;

  KeyPtr key = make_key();
  bool is_for_nobody = how == PracticeTls::wrong_name;
  X509Ptr own =
      begin_certificate(is_for_nobody ? nobodys_name : names.front().c_str(), validity, key.get());
  X509_set_issuer_name(own.get(), X509_get_subject_name(issuer));
  extend(own.get(), issuer, NID_subject_alt_name,
         is_for_nobody ? as_extension({nobodys_name}) : as_extension(names));
  X509_sign(own.get(), unknown_key != nullptr ? unknown_key.get() : key_, EVP_sha256());

  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  GG_ASSERT(context != nullptr);
  std::unique_ptr<PracticeContext> made(new PracticeContext(context));
  set_modern_defaults(context);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, choose_http1, nullptr);
  SSL_CTX_use_certificate(context, own.get());
  SSL_CTX_use_PrivateKey(context, key.get());
  speak_as_wished(context, how, certificate_);
  ERR_clear_error();
  return made;
}

}  // namespace gg
