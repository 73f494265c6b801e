// SPDX-License-Identifier: Apache-2.0
// Certificates and keys in files: read, understood, and what is wrong with them said so that it can
// be put right. Blocks; never runs on a worker. What the library has of them stays in this folder.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/model.h"

struct x509_st;
struct evp_pkey_st;
struct x509_store_st;

namespace gg {

/// What is wrong with one file.
struct CertificateProblem {
  std::string file;
  std::string problem;  // "holds no certificate in PEM form"
  std::string remedy;
  bool is_about_key = false;  // of a certificate and its key
};

/// A certificate chain and its key, which belong together.
class CertificateFiles {
 public:
  /// Whether it is valid at this time is not looked at.
  static Result<CertificateFiles, CertificateProblem> load(const Certificate& files);
  CertificateFiles(CertificateFiles&& other) noexcept;
  CertificateFiles& operator=(CertificateFiles&& other) noexcept;
  ~CertificateFiles();

  /// The names that it is for, in lower case, wildcards as they stand in it; IP addresses as text.
  const std::vector<std::string>& names() const { return names_; }
  WallTime valid_from() const { return valid_from_; }
  WallTime valid_until() const { return valid_until_; }
  /// Expired, or not valid yet.
  std::optional<CertificateProblem> problem_at(WallTime now) const;

  x509_st* own() const { return chain_.front(); }
  evp_pkey_st* key() const { return key_; }
  /// Behind the own one.
  const std::vector<x509_st*>& chain() const { return chain_; }

 private:
  CertificateFiles() = default;

  std::string file_;
  std::vector<x509_st*> chain_;  // owned, the own one first
  evp_pkey_st* key_ = nullptr;   // owned
  std::vector<std::string> names_;
  WallTime valid_from_;
  WallTime valid_until_;
};

/// A certificate's file, and when it expires.
struct CertificateExpiry {
  std::string file;
  WallTime time;
};
/// What is to be said when it expires within two weeks; nothing while there is time.
std::optional<std::string> warning_of(const CertificateExpiry& expiry, WallTime now);
/// The calendar time of the system, for those without an engine.
WallTime system_time();

/// Certificates of authorities, to check others against.
struct AuthorityStoreCloser {
  void operator()(x509_store_st* store) const;
};
using AuthorityStore = std::unique_ptr<x509_store_st, AuthorityStoreCloser>;
Result<AuthorityStore, CertificateProblem> load_authorities(const std::string& file);
/// The system's. Empty where the system has none.
AuthorityStore system_authorities();

/// "2026-11-22 18:00:00 UTC".
std::string date_of(WallTime time);

}  // namespace gg
