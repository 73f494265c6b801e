// SPDX-License-Identifier: Apache-2.0
#include "tls/client_hello.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>

namespace gg {

namespace {

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

}  // namespace

std::string client_hello(const std::string& server_name) {
  std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
  std::unique_ptr<SSL, Free> ssl(context ? SSL_new(context.get()) : nullptr);
  if (ssl == nullptr) return {};
  if (!server_name.empty()) SSL_set_tlsext_host_name(ssl.get(), server_name.c_str());
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);  // which owns both from now on
  SSL_connect(ssl.get());                             // and waits for the answer
  ERR_clear_error();
  char* bytes = nullptr;
  long size = BIO_get_mem_data(out, &bytes);
  return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace gg
