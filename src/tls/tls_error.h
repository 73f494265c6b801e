// SPDX-License-Identifier: Apache-2.0
// How TLS goes wrong, in words of our own: what fault/ classifies and the record keeps. Knows
// nothing of the library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/io_error.h"

namespace gg {

/// How a TLS handshake or session failed.
enum class TlsFailure : std::uint8_t {
  not_tls,    // the first bytes were no TLS record
  alert,      // the peer sent an alert
  untrusted,  // the chain does not lead to a trusted root
  expired,    // or not yet valid
  name_mismatch,
  nothing_in_common,
  alpn_mismatch,
  closed,  // an end or a reset inside the handshake
  timeout,
  other,
  last = other,
};
inline constexpr std::size_t tls_failure_count = static_cast<std::size_t>(TlsFailure::last) + 1;

/// One failure with its evidence.
struct TlsError {
  TlsFailure failure = TlsFailure::other;
  std::uint8_t alert = 0;    // the alert that was received (RFC 8446 6); 0: none
  std::uint16_t verify = 0;  // the library's number for why the certificate was refused; 0: it was
                             // not
  std::uint32_t reason = 0;  // the library's number for anything else; 0: none
  IoError io{};              // of the connection, where `failure` is closed or timeout

  bool operator==(const TlsError&) const = default;
};

/// The snake_case name of the failure: the metric's label.
std::string_view text_of(TlsFailure failure);
/// "unable to get local issuer certificate": the library's words for TlsError::verify. Static.
std::string_view text_of_verification(std::uint16_t verify);
/// "handshake_failure": the name that RFC 8446 6 gives an alert; empty if it has none. Static.
std::string_view text_of_alert(std::uint8_t alert);
/// One sentence without an end, for people: "the certificate has expired". With what evidence
/// there is.
std::string describe(const TlsError& error);

}  // namespace gg
