// SPDX-License-Identifier: Apache-2.0
// The names of everything that can fail in an exchange, and the words that describe a failure.
// Everyone from fault/ upwards speaks these; what each one means stands in fault/catalogue.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gg {

/// One way in which an exchange, or one attempt of it, fails. The enumerators are the wire names:
/// logs, metrics and the documentation spell them the same, so renaming one breaks users.
/// The order is that of the catalogue's ids (R, D, N, L, P, T, S, H, B, U, X, C).
enum class Fault : std::uint8_t {
  none,
  // R: routing and configuration.
  no_route,
  missing_upstream,
  empty_upstream,
  loop_detected,
  address_not_allowed,
  configuration_not_ready,
  // D: names to addresses.
  dns_timeout,
  dns_no_such_name,
  dns_server_failure,
  dns_no_address,
  dns_stale_answer,
  dns_no_resolver,
  // N: route and connect.
  connect_refused,
  connect_timeout,
  host_unreachable,
  network_unreachable,
  connect_prohibited,
  unix_backlog_full,
  unix_socket_missing,
  accept_queue_overflow,
  path_drops_connections,
  connect_failed,
  // L: the gateway itself has run out.
  ports_exhausted,
  descriptors_exhausted,
  connection_slots_exhausted,
  memory_exhausted,
  internal_error,
  // P: pools, queues, policy.
  no_healthy_endpoint,
  all_endpoints_ejected,
  connection_limit_reached,
  queue_wait_exceeded,
  overload_shed,
  all_endpoints_draining,
  rate_limited,
  sticky_endpoint_down,
  queue_full,
  client_connection_limit,
  // T: TLS to the endpoint.
  tls_not_spoken,
  tls_alert_received,
  tls_untrusted_certificate,
  tls_certificate_expired,
  tls_name_mismatch,
  tls_nothing_in_common,
  tls_closed_in_handshake,
  tls_handshake_timeout,
  tls_alpn_mismatch,
  tls_client_certificate_rejected,
  tls_failed,
  // S: sending the request.
  reset_while_sending,
  early_answer_lost,
  send_timeout,
  client_gone_in_upload,
  client_body_timeout,
  request_malformed,
  // H: waiting for the response head and reading it.
  keep_alive_race,
  closed_before_head,
  closed_after_long_wait,
  head_incomplete,
  head_timeout,
  head_too_large,
  not_http,
  head_malformed,
  framing_conflict,
  stream_reset,
  goaway_unprocessed,
  http2_violation,
  grpc_status_missing,
  head_flood,
  client_gone_while_waiting,
  stream_refused,
  // B: the response body.
  body_truncated,
  body_reset,
  body_timeout,
  body_bad_chunk,
  body_excess,
  body_decode_failed,
  body_too_large,
  exchange_deadline,
  client_gone_in_download,
  trailers_too_large,
  client_not_reading,
  // U: upgrades and tunnels.
  upgrade_refused,
  tunnel_cut,
  upgrade_not_requested,
  // X: relayed and synthetic.
  upstream_error_status,
  auxiliary_service_failed,
  injected_fault,
  gateway_draining,
  // C: the client's own request, refused before any attempt.
  client_head_timeout,
  target_too_long,
  request_head_too_large,
  request_body_too_large,
  version_not_supported,
  method_not_supported,
  coding_not_supported,
  access_denied,
  expectation_failed,
  client_gone_in_head,
  client_http2_violation,
  client_http2_resets,
  client_http2_frame_flood,
  client_http2_header_flood,
  client_proxy_header_missing,
  client_not_a_trusted_proxy,
  authentication_required,
  last = authentication_required,
};

inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::last) + 1;

constexpr std::size_t index_of(Fault fault) { return static_cast<std::size_t>(fault); }

/// Where in the life of an exchange something happened.
enum class Stage : std::uint8_t {
  request_head,  // reading the client's head
  request_body,  // reading the client's body
  route,
  admission,
  resolve,
  connect,
  tls,
  send,           // writing the request to the endpoint
  response_head,  // waiting for the response head and reading it
  response_body,
  tunnel,   // after a 101
  gateway,  // no stage of its own: the gateway's resources and state
  last = gateway,
};

/// Who has to do something about it.
enum class Blame : std::uint8_t { upstream, network, gateway, client, operator_, last = operator_ };

/// What is proven about the request having reached an application.
enum class Delivery : std::uint8_t {
  not_sent,  // no byte of the request was written
  declined,  // the endpoint said that it did not process the request
  unknown,   // it may have run
  answered,  // it ran: at least the start of a response came
  last = answered,
};

/// The word of a route's `retry: on:` list that covers a fault.
enum class RetryCondition : std::uint8_t {
  never,
  connect,
  reset,
  timeout,
  malformed,
  truncated,
  refused,
  status,
  last = status,
};

}  // namespace gg
