// SPDX-License-Identifier: Apache-2.0
// Puts a certificate of ours into a context of the library. For both contexts of this folder.
#pragma once

#include <openssl/ssl.h>

#include <optional>

#include "tls/certificates.h"

namespace gg {

/// `file` is named if the library will not have it (a key that is too weak).
std::optional<CertificateProblem> use_certificate(SSL_CTX* context, const CertificateFiles& files,
                                                  const std::string& file);

}  // namespace gg
