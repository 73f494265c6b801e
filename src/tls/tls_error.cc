// SPDX-License-Identifier: Apache-2.0
#include "tls/tls_error.h"

#include <openssl/err.h>
#include <openssl/x509.h>

namespace gg {

namespace {

struct AlertName {
  std::uint8_t number;
  std::string_view name;
};

/// RFC 8446 6, and RFC 5246 7.2 for what TLS 1.2 alone has.
constexpr AlertName alert_names[] = {
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {22, "record_overflow"},
    {40, "handshake_failure"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
};

}  // namespace

std::string_view text_of(TlsFailure failure) {
  switch (failure) {
    case TlsFailure::not_tls:
      return "not_tls";
    case TlsFailure::alert:
      return "alert";
    case TlsFailure::untrusted:
      return "untrusted";
    case TlsFailure::expired:
      return "expired";
    case TlsFailure::name_mismatch:
      return "name_mismatch";
    case TlsFailure::nothing_in_common:
      return "nothing_in_common";
    case TlsFailure::alpn_mismatch:
      return "alpn_mismatch";
    case TlsFailure::closed:
      return "closed";
    case TlsFailure::timeout:
      return "timeout";
    case TlsFailure::other:
      return "other";
  }
  return "other";
}

std::string_view text_of_verification(std::uint16_t verify) {
  return verify == 0 ? std::string_view() : X509_verify_cert_error_string(verify);
}

std::string_view text_of_alert(std::uint8_t alert) {
  for (const AlertName& entry : alert_names) {
    if (entry.number == alert) return entry.name;
  }
  return {};
}

std::string describe(const TlsError& error) {
  std::string text(text_of(error.failure));
  if (error.alert != 0) {
    text += ", alert " + std::to_string(error.alert);
    std::string_view name = text_of_alert(error.alert);
    if (!name.empty()) text.append(" (").append(name).append(")");
  }
  if (error.verify != 0) text.append(", ").append(text_of_verification(error.verify));
  const char* reason = error.reason != 0 ? ERR_reason_error_string(error.reason) : nullptr;
  if (reason != nullptr) text.append(", ").append(reason);
  return text;
}

}  // namespace gg
