// SPDX-License-Identifier: Apache-2.0
#include "tls/library.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>

namespace gg {

namespace {

/// TLS 1.2 with forward secrecy and authenticated encryption only; TLS 1.3 has nothing else.
constexpr const char* ciphers_of_tls12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

TlsFailure failure_of_verification(long verify) {
  switch (verify) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return TlsFailure::expired;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return TlsFailure::name_mismatch;
    default:
      return TlsFailure::untrusted;
  }
}

TlsFailure failure_of_reason(int reason) {
  switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_NO_SUITABLE_GROUPS:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_UNKNOWN_PROTOCOL:
      return TlsFailure::nothing_in_common;
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return TlsFailure::alpn_mismatch;
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
      return TlsFailure::not_tls;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return TlsFailure::closed;
    default:
      return TlsFailure::other;
  }
}

}  // namespace

TlsError take_tls_error(SSL* ssl) {
  unsigned long code = ERR_peek_error();
  ERR_clear_error();
  TlsError error;
  error.reason = static_cast<std::uint32_t>(code);
  long verify = SSL_get_verify_result(ssl);
  bool is_refused = verify != X509_V_OK && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE;
  if (is_refused) {
    error.failure = failure_of_verification(verify);
    error.verify = static_cast<std::uint16_t>(verify);
    return error;
  }
  if (code == 0 || ERR_GET_LIB(code) != ERR_LIB_SSL) return error;
  int reason = ERR_GET_REASON(code);
  if (reason > SSL_AD_REASON_OFFSET && reason <= SSL_AD_REASON_OFFSET + 255) {
    error.alert = static_cast<std::uint8_t>(reason - SSL_AD_REASON_OFFSET);
    // The endpoint's way of saying that it has no version that we have.
    bool is_about_versions = error.alert == SSL_AD_PROTOCOL_VERSION;
    error.failure = is_about_versions ? TlsFailure::nothing_in_common : TlsFailure::alert;
  } else {
    error.failure = failure_of_reason(reason);
  }
  return error;
}

void set_modern_defaults(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, ciphers_of_tls12);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

}  // namespace gg
