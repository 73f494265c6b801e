// SPDX-License-Identifier: Apache-2.0
// Certificates for tests, made as they are needed by an authority of the test's own, in a folder
// that goes when it does. Ed25519: their size never varies. Header only: each test program links
// its own folder.
#pragma once

#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/assert.h"
#include "config/model.h"

namespace gg {

/// What a certificate is for, and when. The default is valid when simulations run.
struct CertificateWish {
  std::vector<std::string> names{"app.internal"};  // "*.shop.example", or an IP address
  std::int64_t from = 1'735'689'600;               // 2025-01-01, in seconds
  std::int64_t until = 2'051'222'400;              // 2035-01-01
};

/// An authority and what it has issued.
class TestAuthority {
 public:
  TestAuthority() {
    char pattern[] = "/tmp/goodgate-certificates-XXXXXX";
    GG_ASSERT(mkdtemp(pattern) != nullptr);
    folder_ = pattern;
    key_ = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    certificate_ = make({.names = {"a test authority"}}, key_, nullptr);
    write_certificate(file(), certificate_);
  }
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;
  ~TestAuthority() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  /// Writes what its OCSP responder says of a certificate that it has issued; `until` in seconds.
  std::string answer_about(const Certificate& files, std::int64_t until = 2'051'222'400,
                           int verdict = V_OCSP_CERTSTATUS_GOOD) {
    std::FILE* in = std::fopen(files.cert.c_str(), "r");
    X509* about = PEM_read_X509(in, nullptr, nullptr, nullptr);
    std::fclose(in);
    OCSP_BASICRESP* basic = OCSP_BASICRESP_new();
    OCSP_CERTID* id = OCSP_cert_to_id(EVP_sha1(), about, certificate_);
    ASN1_TIME* from = ASN1_TIME_set(nullptr, until - 7 * 86'400);
    ASN1_TIME* next = ASN1_TIME_set(nullptr, until);
    OCSP_basic_add1_status(basic, id, verdict, 0, from, from, next);
    OCSP_basic_sign(basic, certificate_, key_, nullptr, nullptr, 0);
    OCSP_RESPONSE* response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    std::string file = folder_ + "/" + std::to_string(++issued_) + ".ocsp";
    BIO* out = BIO_new_file(file.c_str(), "wb");
    i2d_OCSP_RESPONSE_bio(out, response);
    BIO_free(out);
    OCSP_RESPONSE_free(response);
    ASN1_TIME_free(next);
    ASN1_TIME_free(from);
    OCSP_CERTID_free(id);
    OCSP_BASICRESP_free(basic);
    X509_free(about);
    return file;
  }

  const std::string& folder() const { return folder_; }
  /// Its own certificate, for those who are to trust it.
  std::string file() const { return folder_ + "/ca.pem"; }
  /// Writes a certificate and its key.
  Certificate issue(const CertificateWish& wish = {}) {
    EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    X509* made = make(wish, key, certificate_);
    std::string stem = folder_ + "/" + std::to_string(++issued_);
    Certificate files{.cert = stem + ".pem", .key = stem + ".key"};
    write_certificate(files.cert, made);
    std::FILE* out = std::fopen(files.key.c_str(), "w");
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    X509_free(made);
    EVP_PKEY_free(key);
    return files;
  }

 private:
  static void write_certificate(const std::string& file, X509* certificate) {
    std::FILE* out = std::fopen(file.c_str(), "w");
    PEM_write_X509(out, certificate);
    std::fclose(out);
  }

  static void add_extension(X509* to, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    GG_ASSERT(extension != nullptr);
    X509_add_ext(to, extension, -1);
    X509_EXTENSION_free(extension);
  }

  /// Without an issuer: an authority that vouches for itself.
  X509* make(const CertificateWish& wish, EVP_PKEY* key, X509* issuer) {
    X509* made = X509_new();
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1000 + ++serial_);
    ASN1_TIME_set(X509_getm_notBefore(made), wish.from);
    ASN1_TIME_set(X509_getm_notAfter(made), wish.until);
    X509_set_pubkey(made, key);
    X509_NAME* subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(wish.names[0].c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(made, issuer != nullptr ? X509_get_subject_name(issuer) : subject);
    if (issuer == nullptr) {
      add_extension(made, made, NID_basic_constraints, "critical,CA:TRUE");
    } else {
      std::string names;
      for (const std::string& name : wish.names) {
        bool is_ip = name.find_first_not_of("0123456789.") == std::string::npos;
        names += (names.empty() ? "" : ",") + std::string(is_ip ? "IP:" : "DNS:") + name;
      }
      add_extension(made, issuer, NID_subject_alt_name, names);
    }
    X509_sign(made, key_, nullptr);
    return made;
  }

  std::string folder_;
  EVP_PKEY* key_ = nullptr;
  X509* certificate_ = nullptr;
  int serial_ = 0;
  int issued_ = 0;
};

}  // namespace gg
