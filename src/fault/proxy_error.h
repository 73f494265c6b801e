// SPDX-License-Identifier: Apache-2.0
// The registered error types of RFC 9209 2.3, with the status that the RFC recommends for each.
// The catalogue may name no other.
#pragma once

#include <cstdint>
#include <string_view>

namespace gg {

struct ProxyError {
  std::string_view token;
  std::uint16_t recommended_status;  // 0: the most apt
};

// In the order of RFC 9209 2.3.1 to 2.3.32.
inline constexpr ProxyError proxy_errors[] = {
    {"dns_timeout", 504},
    {"dns_error", 502},
    {"destination_not_found", 500},
    {"destination_unavailable", 503},
    {"destination_ip_prohibited", 502},
    {"destination_ip_unroutable", 502},
    {"connection_refused", 502},
    {"connection_terminated", 502},
    {"connection_timeout", 504},
    {"connection_read_timeout", 504},
    {"connection_write_timeout", 504},
    {"connection_limit_reached", 503},
    {"tls_protocol_error", 502},
    {"tls_certificate_error", 502},
    {"tls_alert_received", 502},
    {"http_request_error", 0},
    {"http_request_denied", 403},
    {"http_response_incomplete", 502},
    {"http_response_header_section_size", 502},
    {"http_response_header_size", 502},
    {"http_response_body_size", 502},
    {"http_response_trailer_section_size", 502},
    {"http_response_trailer_size", 502},
    {"http_response_transfer_coding", 502},
    {"http_response_content_coding", 502},
    {"http_response_timeout", 504},
    {"http_upgrade_failed", 502},
    {"http_protocol_error", 502},
    {"proxy_internal_response", 0},
    {"proxy_internal_error", 500},
    {"proxy_configuration_error", 500},
    {"proxy_loop_detected", 502},
};

/// The registered error type of that name, or null.
constexpr const ProxyError* find_proxy_error(std::string_view token) {
  for (const ProxyError& error : proxy_errors) {
    if (error.token == token) return &error;
  }
  return nullptr;
}

}  // namespace gg
