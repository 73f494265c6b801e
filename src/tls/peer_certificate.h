// SPDX-License-Identifier: Apache-2.0
// What the other side of a TLS connection shows of itself. For those who explain (diagnose/); in
// certificates.cc, which reads certificates.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace gg {

class TlsStream;

struct PeerCertificate {
  std::vector<std::string> names;  // as CertificateFiles::names()
  std::string issuer;              // its common name, or organisation
  WallTime valid_from;
  WallTime valid_until;
  std::size_t sent = 0;         // certificates in the chain that was sent
  bool is_self_signed = false;  // vouches for itself
};

/// Nothing where none has been shown (yet). A handshake that was refused for it has shown it.
std::optional<PeerCertificate> peer_certificate_of(const TlsStream& stream);
/// Of a client's stream: did the server ask for a certificate, and say whose?
bool was_asked_for_certificate(const TlsStream& stream);

}  // namespace gg
