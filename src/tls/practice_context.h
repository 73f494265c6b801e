// SPDX-License-Identifier: Apache-2.0
// TLS for origins that people practise with: certificates made on the spot by an authority made on
// the spot, right or wrong in one way. Used by diagnose/drill.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "tls/tls_stream.h"

struct ssl_ctx_st;
struct x509_st;
struct evp_pkey_st;

namespace gg {

/// What is wrong with a practice server's TLS.
enum class PracticeTls : std::uint8_t {
  right,
  untrusted,            // vouched for by an authority that nobody has
  expired,              // since yesterday
  not_yet_valid,        // from tomorrow on
  wrong_name,           // for a name that nobody asks for
  old_version,          // TLS 1.1 at most
  alert,                // answers every hello with the alert handshake_failure
  demands_certificate,  // of the client
};

/// One server's side. Immutable.
class PracticeContext {
 public:
  PracticeContext(const PracticeContext&) = delete;
  PracticeContext& operator=(const PracticeContext&) = delete;
  ~PracticeContext();

  /// A stream over an accepted socket, before its handshake.
  std::unique_ptr<TlsStream> wrap(SocketPtr socket) const;

 private:
  friend class PracticeAuthority;
  explicit PracticeContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

/// An authority that exists for as long as this object. One thread.
class PracticeAuthority {
 public:
  /// `now`: its certificate is valid from yesterday for a month.
  explicit PracticeAuthority(WallTime now);
  PracticeAuthority(const PracticeAuthority&) = delete;
  PracticeAuthority& operator=(const PracticeAuthority&) = delete;
  ~PracticeAuthority();

  /// Its certificate as PEM, for those who are to trust it.
  std::string pem() const;
  /// `names`: host names and IP addresses that a right certificate is for; not empty.
  std::unique_ptr<PracticeContext> serve(PracticeTls how,
                                         const std::vector<std::string>& names) const;

 private:
  WallTime now_;
  evp_pkey_st* key_;
  x509_st* certificate_;
};

}  // namespace gg
