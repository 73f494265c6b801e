// SPDX-License-Identifier: Apache-2.0
#include "tls/certificates.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/text.h"
#include "engine/address.h"
#include "tls/library.h"
#include "tls/peer_certificate.h"
#include "tls/tls_stream.h"

namespace gg {

namespace {

int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Result<BioPtr, CertificateProblem> open_file(const std::string& file) {
  errno = 0;
  BioPtr bio(BIO_new_file(file.c_str(), "r"));
  int why = errno;
  ERR_clear_error();
  if (bio != nullptr) return bio;
  bool is_forbidden = why == EACCES || why == EPERM;
  return Failure(CertificateProblem{
      .file = file,
      .problem = std::string("cannot be read: ") + std::strerror(why),
      .remedy = is_forbidden ? "let the user that the gateway runs as read it"
                             : "correct the path; a relative one is looked for in the folder that "
                               "goodgate was started in"});
}

WallTime time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return {static_cast<std::int64_t>(timegm(&parts)) * 1'000'000};
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = ascii_lower(c);
  return result;
}

std::string ip_text(const ASN1_OCTET_STRING& bytes) {
  const unsigned char* data = ASN1_STRING_get0_data(&bytes);
  int size = ASN1_STRING_length(&bytes);
  Address address;
  if (size == 4) address = Address::v4({data[0], data[1], data[2], data[3]}, 0);
  if (size == 16) {
    address.family = AddressFamily::v6;
    std::memcpy(address.ip.data(), data, 16);
  }
  if (address.family == AddressFamily::none) return {};
  char text[48];
  return {text, write_ip(address, text)};
}

/// The alternative names, or the common name where there is none (old certificates).
std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> names;
  auto* all = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; all != nullptr && i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all, i);
    if (name->type == GEN_DNS) {
      const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
      names.push_back(lower({text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}));
    } else if (name->type == GEN_IPADD) {
      names.push_back(ip_text(*name->d.iPAddress));
    }
  }
  GENERAL_NAMES_free(all);
  if (!names.empty()) return names;
  char common[256];
  int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, common,
                                       sizeof common);
  if (size > 0) names.push_back(lower({common, static_cast<std::size_t>(size)}));
  return names;
}

Result<std::vector<X509*>, CertificateProblem> load_chain(const std::string& file) {
  Result<BioPtr, CertificateProblem> bio = open_file(file);
  if (!bio) return Failure(bio.error());
  std::vector<X509*> chain;
  while (X509* next = PEM_read_bio_X509(bio->get(), nullptr, nullptr, nullptr)) {
    chain.push_back(next);
  }
  unsigned long why = ERR_peek_last_error();
  ERR_clear_error();
  bool is_damaged = ERR_GET_LIB(why) == ERR_LIB_PEM && ERR_GET_REASON(why) != PEM_R_NO_START_LINE;
  if (!chain.empty() && !is_damaged) return chain;
  for (X509* one : chain) X509_free(one);
  return Failure(CertificateProblem{
      .file = file,
      .problem = is_damaged ? "is damaged: a certificate in it cannot be decoded"
                            : "holds no certificate in PEM form",
      .remedy = "give a file with -----BEGIN CERTIFICATE-----, the own certificate first, then "
                "those between it and the authority"});
}

Result<EVP_PKEY*, CertificateProblem> load_key(const std::string& file) {
  Result<BioPtr, CertificateProblem> bio = open_file(file);
  if (!bio) return Failure(bio.error());
  bool asked_for_password = false;
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio->get(), nullptr, no_password, &asked_for_password);
  ERR_clear_error();
  if (key != nullptr) return key;
  if (asked_for_password) {
    return Failure(CertificateProblem{.file = file,
                                      .problem = "is protected by a password",
                                      .remedy = "store it without one, readable by the gateway's "
                                                "user alone: openssl pkey -in " +
                                                file + " -out plain.key"});
  }
  return Failure(CertificateProblem{.file = file,
                                    .problem = "holds no private key in PEM form",
                                    .remedy = "give a file with -----BEGIN PRIVATE KEY-----"});
}

}  // namespace

std::optional<PeerCertificate> peer_certificate_of(const TlsStream& stream) {
  X509Ptr own(SSL_get1_peer_certificate(stream.library()));
  if (own == nullptr) return std::nullopt;
  X509_NAME* issuer = X509_get_issuer_name(own.get());
  char name[256];
  int size = X509_NAME_get_text_by_NID(issuer, NID_commonName, name, sizeof name);
  if (size <= 0) size = X509_NAME_get_text_by_NID(issuer, NID_organizationName, name, sizeof name);
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(stream.library());
  return PeerCertificate{
      .names = names_of(own.get()),
      .issuer = size > 0 ? std::string(name, static_cast<std::size_t>(size)) : std::string(),
      .valid_from = time_of(X509_get0_notBefore(own.get())),
      .valid_until = time_of(X509_get0_notAfter(own.get())),
      .sent = chain == nullptr ? 0 : static_cast<std::size_t>(sk_X509_num(chain)),
      .is_self_signed = X509_NAME_cmp(X509_get_subject_name(own.get()), issuer) == 0};
}

bool was_asked_for_certificate(const TlsStream& stream) {
  const STACK_OF(X509_NAME)* named = SSL_get0_peer_CA_list(stream.library());
  return named != nullptr && sk_X509_NAME_num(named) > 0;
}

Result<CertificateFiles, CertificateProblem> CertificateFiles::load(const Certificate& files) {
  CertificateFiles loaded;
  loaded.file_ = files.cert;
  Result<std::vector<X509*>, CertificateProblem> chain = load_chain(files.cert);
  if (!chain) return Failure(chain.error());
  loaded.chain_ = std::move(*chain);
  Result<EVP_PKEY*, CertificateProblem> key = load_key(files.key);
  if (!key) {
    CertificateProblem problem = key.error();
    problem.is_about_key = true;
    return Failure(std::move(problem));
  }
  loaded.key_ = *key;
  if (X509_check_private_key(loaded.own(), loaded.key_) != 1) {
    ERR_clear_error();
    return Failure(
        CertificateProblem{.file = files.key,
                           .problem = "is not the key of the certificate in " + files.cert,
                           .remedy = "give the key that the certificate was requested with; in " +
                                     files.cert + " the own certificate must come first",
                           .is_about_key = true});
  }
  loaded.names_ = names_of(loaded.own());
  loaded.valid_from_ = time_of(X509_get0_notBefore(loaded.own()));
  loaded.valid_until_ = time_of(X509_get0_notAfter(loaded.own()));
  return loaded;
}

CertificateFiles::CertificateFiles(CertificateFiles&& other) noexcept { *this = std::move(other); }

CertificateFiles& CertificateFiles::operator=(CertificateFiles&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(chain_, other.chain_);
  std::swap(key_, other.key_);
  std::swap(names_, other.names_);
  valid_from_ = other.valid_from_;
  valid_until_ = other.valid_until_;
  return *this;
}

CertificateFiles::~CertificateFiles() {
  for (X509* one : chain_) X509_free(one);
  if (key_ != nullptr) EVP_PKEY_free(key_);
}

std::optional<CertificateProblem> CertificateFiles::problem_at(WallTime now) const {
  if (now > valid_until_) {
    return CertificateProblem{
        .file = file_,
        .problem = "has expired on " + date_of(valid_until_),
        .remedy = "renew it; if it is valid, correct the clock of this machine"};
  }
  if (now < valid_from_) {
    return CertificateProblem{
        .file = file_,
        .problem = "is valid only from " + date_of(valid_from_) + " on",
        .remedy = "correct the clock of this machine, or use another certificate until then"};
  }
  return std::nullopt;
}

std::optional<std::string> warning_of(const CertificateExpiry& expiry, WallTime now) {
  constexpr std::int64_t day = 86'400'000'000;
  std::int64_t left = expiry.time.microseconds - now.microseconds;
  if (left >= 14 * day) return std::nullopt;
  if (left < 0) return "has expired on " + date_of(expiry.time);
  std::int64_t days = left / day;
  std::string when = days == 1 ? "1 day" : std::to_string(days) + " days";
  return "expires in " + when + ", on " + date_of(expiry.time);
}

WallTime system_time() {
  ASN1_TIME* now = X509_gmtime_adj(nullptr, 0);
  WallTime time = time_of(now);
  ASN1_TIME_free(now);
  return time;
}

void AuthorityStoreCloser::operator()(X509_STORE* store) const { X509_STORE_free(store); }

Result<AuthorityStore, CertificateProblem> load_authorities(const std::string& file) {
  Result<std::vector<X509*>, CertificateProblem> all = load_chain(file);
  if (!all) return Failure(all.error());
  AuthorityStore store(X509_STORE_new());
  for (X509* one : *all) {
    X509_STORE_add_cert(store.get(), one);
    X509_free(one);
  }
  ERR_clear_error();
  return store;
}

AuthorityStore system_authorities() {
  AuthorityStore store(X509_STORE_new());
  X509_STORE_set_default_paths(store.get());
  ERR_clear_error();
  return store;
}

std::string date_of(WallTime time) {
  auto seconds = static_cast<time_t>(time.microseconds / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

}  // namespace gg
