// SPDX-License-Identifier: Apache-2.0
#include "gate/tls_news.h"

namespace gg {

namespace {

constexpr Duration between_failures = 10s;
constexpr Duration between_certificates = 24h;

}  // namespace

TlsFailureCounts tls_failures_of(std::span<const Counters* const> workers) {
  TlsFailureCounts counts{};
  for (const Counters* worker : workers) {
    for (std::size_t i = 0; i < tls_failure_count; ++i) {
      counts[i] += worker->client_tls_failures[i].read();
    }
    counts[tls_failure_count] += worker->client_tls_crowded_out.read();
  }
  return counts;
}

std::vector<std::string> TlsNews::look(Instant now, WallTime wall_now,
                                       const TlsFailureCounts& failures) {
  std::vector<std::string> lines;
  if (now >= next_failures_ && failures != said_) {
    next_failures_ = now + between_failures;
    std::string reasons;
    for (std::size_t i = 0; i < failures.size(); ++i) {
      std::uint64_t fresh = failures[i] - said_[i];
      if (fresh == 0) continue;
      std::string_view name =
          i < tls_failure_count ? text_of(static_cast<TlsFailure>(i)) : "crowded_out";
      reasons += (reasons.empty() ? "" : ", ") + std::to_string(fresh) + " ";
      reasons += name;
    }
    said_ = failures;
    lines.push_back("TLS handshakes with clients failed: " + reasons);
  }
  if (now >= next_certificates_) {
    next_certificates_ = now + between_certificates;
    for (const CertificateExpiry& expiry : certificates_) {
      std::optional<std::string> warning = warning_of(expiry, wall_now);
      if (warning) lines.push_back(expiry.file + " " + *warning);
    }
  }
  return lines;
}

}  // namespace gg
