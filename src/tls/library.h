// SPDX-License-Identifier: Apache-2.0
// Owners for what OpenSSL makes, and its errors in our words. For the .cc files of this folder.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

#include "tls/tls_error.h"

namespace gg {

template <auto free>
struct FreedBy {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};

using SslPtr = std::unique_ptr<SSL, FreedBy<SSL_free>>;
using X509Ptr = std::unique_ptr<X509, FreedBy<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, FreedBy<BIO_free>>;
using X509StorePtr = std::unique_ptr<X509_STORE, FreedBy<X509_STORE_free>>;

/// What the failure that `ssl` has just reported means. Empties the thread's queue of errors.
TlsError take_tls_error(SSL* ssl);

/// Settings that both sides have: versions, ciphers, memory while idle.
void set_modern_defaults(SSL_CTX* context);

/// The kind of BIO that TlsStream moves its bytes through: into and out of chunks that it holds.
/// Its data is the TlsStream.
BIO_METHOD* stream_bio_method();

}  // namespace gg
