// SPDX-License-Identifier: Apache-2.0
// What the control thread says about TLS with clients on standard error: handshakes that failed, in
// one line per while, and certificates that will expire.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "record/counters.h"
#include "tls/certificates.h"

namespace gg {

/// How often each reason was met; the last place is for those that were crowded out.
using TlsFailureCounts = std::array<std::uint64_t, tls_failure_count + 1>;
TlsFailureCounts tls_failures_of(std::span<const Counters* const> workers);

/// Pure but for what it remembers.
class TlsNews {
 public:
  explicit TlsNews(std::vector<CertificateExpiry> certificates)
      : certificates_(std::move(certificates)) {}

  /// The lines to say now; mostly none.
  std::vector<std::string> look(Instant now, WallTime wall_now, const TlsFailureCounts& failures);
  std::span<const CertificateExpiry> certificates() const { return certificates_; }

 private:
  std::vector<CertificateExpiry> certificates_;
  TlsFailureCounts said_{};
  Instant next_failures_{};
  Instant next_certificates_{};
};

}  // namespace gg
