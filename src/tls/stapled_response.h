// SPDX-License-Identifier: Apache-2.0
// What an OCSP responder says of one of our certificates, in a file that somebody keeps fresh; it
// is shown to clients together with the certificate (RFC 6066 8, RFC 8446 4.4.2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tls/certificates.h"

namespace gg {

class StapledResponse {
 public:
  /// Its signature is the clients' to check, and whether it is valid at this time is not looked at.
  static Result<StapledResponse, CertificateProblem> load(const std::string& file,
                                                          const CertificateFiles& about);

  /// As it goes to clients.
  std::string_view bytes() const { return bytes_; }
  /// Until when it may be shown: clients refuse a certificate whose response is too old.
  WallTime valid_until() const { return valid_until_; }
  std::optional<CertificateProblem> problem_at(WallTime now) const;

 private:
  std::string file_;
  std::string bytes_;
  WallTime valid_until_;
};

}  // namespace gg
