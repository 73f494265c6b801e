// SPDX-License-Identifier: Apache-2.0
#include "tls/own_certificate.h"

#include <openssl/err.h>

namespace gg {

std::optional<CertificateProblem> use_certificate(SSL_CTX* context, const CertificateFiles& files,
                                                  const std::string& file) {
  STACK_OF(X509)* chain = sk_X509_new_null();
  for (std::size_t i = 1; i < files.chain().size(); ++i) sk_X509_push(chain, files.chain()[i]);
  int used = SSL_CTX_use_cert_and_key(context, files.own(), files.key(), chain, 1);
  sk_X509_free(chain);
  if (used == 1) return std::nullopt;
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return CertificateProblem{
      .file = file,
      .problem = std::string("cannot be used: ") + (reason != nullptr ? reason : "unknown reason"),
      .remedy = "use a certificate with an ECDSA key on P-256, or an RSA key of 2048 bits or more"};
}

}  // namespace gg
