// SPDX-License-Identifier: Apache-2.0
#include "fault/classify.h"

#include <algorithm>

#include "fault/catalogue.h"

namespace gg {
namespace {

using Kind = IoError::Kind;

/// The kernel answers a request on a connection that the other side has closed within a round trip.
/// Later than this, the application had the request and something else happened.
constexpr Duration shortest_race_window = 250ms;

bool came_at_once(const AttemptFacts& facts) {
  return facts.waited <= std::max(shortest_race_window, 3 * facts.round_trip);
}

/// Timeouts that people write into worker settings; a worker's killer often looks once a second.
bool looks_like_a_timeout(Duration waited) {
  constexpr Duration usual[] = {5s,  10s, 15s,  20s,  25s,  30s,  40s,  45s,  50s,   60s,
                                75s, 90s, 100s, 120s, 180s, 240s, 300s, 600s, 1800s, 3600s};
  return std::ranges::any_of(usual, [waited](Duration timeout) {
    Duration slack = std::max(Duration(1500ms), timeout / 50);
    return waited >= timeout - 100ms && waited <= timeout + slack;
  });
}

/// The connection went away before anything that is called a response.
Fault closed_without_head(const AttemptFacts& facts) {
  if (facts.response_bytes_read > 0) return Fault::head_incomplete;
  if (facts.connection_was_reused && came_at_once(facts)) return Fault::keep_alive_race;
  if (looks_like_a_timeout(facts.waited)) return Fault::closed_after_long_wait;
  return Fault::closed_before_head;
}

Fault broken_while_sending(const AttemptFacts& facts) {
  if (facts.response_bytes_read > 0) return Fault::early_answer_lost;
  if (facts.connection_was_reused && came_at_once(facts)) return Fault::keep_alive_race;
  return Fault::reset_while_sending;
}

/// The connection is gone: reset, broken pipe, or an error without a name.
Fault broken(const AttemptFacts& facts) {
  switch (facts.stage) {
    case Stage::connect:
      return Fault::connect_failed;
    case Stage::tls:
      return Fault::tls_closed_in_handshake;
    case Stage::send:
      return broken_while_sending(facts);
    case Stage::response_head:
      return closed_without_head(facts);
    case Stage::response_body:
      return Fault::body_reset;
    case Stage::tunnel:
      return Fault::tunnel_cut;
    case Stage::resolve:
      return Fault::dns_server_failure;
    case Stage::request_head:
    case Stage::request_body:
    case Stage::route:
    case Stage::admission:
    case Stage::gateway:
      return Fault::internal_error;
  }
  return Fault::internal_error;
}

Fault too_slow(const AttemptFacts& facts) {
  if (facts.exchange_time_is_up) return Fault::exchange_deadline;
  switch (facts.stage) {
    case Stage::resolve:
      return Fault::dns_timeout;
    case Stage::connect:
      return Fault::connect_timeout;
    case Stage::tls:
      return Fault::tls_handshake_timeout;
    case Stage::send:
      return Fault::send_timeout;
    case Stage::response_head:
      return Fault::head_timeout;
    case Stage::response_body:
      return Fault::body_timeout;
    case Stage::tunnel:
      return Fault::tunnel_cut;
    case Stage::admission:
      return Fault::queue_wait_exceeded;
    case Stage::request_head:
    case Stage::request_body:
    case Stage::route:
    case Stage::gateway:
      return Fault::internal_error;
  }
  return Fault::internal_error;
}

Fault client_left(Stage stage) {
  switch (stage) {
    case Stage::request_head:
      return Fault::client_gone_in_head;
    case Stage::request_body:
    case Stage::send:
      return Fault::client_gone_in_upload;
    case Stage::route:
    case Stage::admission:
    case Stage::resolve:
    case Stage::connect:
    case Stage::tls:
    case Stage::response_head:
    case Stage::gateway:
      return Fault::client_gone_while_waiting;
    case Stage::response_body:
      return Fault::client_gone_in_download;
    case Stage::tunnel:
      return Fault::tunnel_cut;
  }
  return Fault::internal_error;
}

Fault client_too_slow(Stage stage) {
  switch (stage) {
    case Stage::request_head:
      return Fault::client_head_timeout;
    case Stage::request_body:
    case Stage::send:
      return Fault::client_body_timeout;
    case Stage::route:
    case Stage::admission:
    case Stage::resolve:
    case Stage::connect:
    case Stage::tls:
    case Stage::response_head:
    case Stage::response_body:
    case Stage::gateway:
      return Fault::client_not_reading;
    case Stage::tunnel:
      return Fault::tunnel_cut;
  }
  return Fault::internal_error;
}

/// Alerts about a certificate, sent by a server, can only be about ours (RFC 8446 6.2).
bool is_about_our_certificate(int alert) {
  return (alert >= 41 && alert <= 46) || alert == 48 || alert == 116;
}

}  // namespace

Fault classify(const AttemptFacts& facts, const IoError& error) {
  switch (error.kind) {
    case Kind::no_ports:
    case Kind::address_in_use:
      return Fault::ports_exhausted;
    case Kind::no_descriptors:
      return Fault::descriptors_exhausted;
    case Kind::no_memory:
      return Fault::memory_exhausted;
    case Kind::cancelled:
      return Fault::gateway_draining;
    case Kind::refused:
      return Fault::connect_refused;
    case Kind::host_unreachable:
      return Fault::host_unreachable;
    case Kind::network_unreachable:
      return Fault::network_unreachable;
    case Kind::prohibited:
      return Fault::connect_prohibited;
    case Kind::backlog_full:
      return Fault::unix_backlog_full;
    case Kind::no_such_path:
      return Fault::unix_socket_missing;
    case Kind::deadline:
    case Kind::timed_out:
      return too_slow(facts);
    case Kind::reset:
    case Kind::broken_pipe:
    case Kind::other:
      return broken(facts);
  }
  return Fault::internal_error;
}

Fault classify(const AttemptFacts& facts, MessageError error) {
  if (facts.stage == Stage::tunnel) return Fault::tunnel_cut;
  switch (error) {
    case MessageError::none:
      return Fault::internal_error;
    case MessageError::not_http:
      return Fault::not_http;
    case MessageError::bad_method:
    case MessageError::bad_target:
    case MessageError::target_too_long:
    case MessageError::bad_version:
    case MessageError::unsupported_version:
    case MessageError::bad_status_line:
    case MessageError::bad_line_end:
    case MessageError::bad_field_name:
    case MessageError::bad_field_value:
    case MessageError::obsolete_folding:
    case MessageError::no_colon:
    case MessageError::bad_pseudo_field:
    case MessageError::connection_field:
    case MessageError::no_host:
    case MessageError::repeated_host:
    case MessageError::bad_host:
    case MessageError::bad_expectation:
      return Fault::head_malformed;
    case MessageError::head_too_large:
      return Fault::head_too_large;
    case MessageError::too_many_fields:
    case MessageError::too_many_interim_responses:
      return Fault::head_flood;
    case MessageError::bad_content_length:
    case MessageError::repeated_content_length:
    case MessageError::length_and_coding:
    case MessageError::bad_transfer_coding:
    case MessageError::unsupported_transfer_coding:
    case MessageError::body_not_allowed:
      return Fault::framing_conflict;
    case MessageError::bad_chunk_size:
    case MessageError::chunk_extension_too_long:
    case MessageError::bad_chunk_end:
    case MessageError::bad_trailer:
      return Fault::body_bad_chunk;
    case MessageError::trailers_too_large:
      return Fault::trailers_too_large;
    case MessageError::excess_bytes:
      return Fault::body_excess;
    case MessageError::body_too_large:
      return Fault::body_too_large;
    case MessageError::ended_before_head:
      return facts.stage == Stage::send ? broken_while_sending(facts) : closed_without_head(facts);
    case MessageError::ended_in_head:
      return Fault::head_incomplete;
    case MessageError::ended_in_body:
      return Fault::body_truncated;
    case MessageError::unexpected_upgrade:
      return Fault::upgrade_not_requested;
    case MessageError::http2_violation:
      return Fault::http2_violation;
    case MessageError::stream_reset:
      return facts.stage == Stage::response_body ? Fault::body_reset : Fault::stream_reset;
    case MessageError::stream_refused:
      return Fault::stream_refused;
    case MessageError::goaway_unprocessed:
      return Fault::goaway_unprocessed;
  }
  return Fault::internal_error;
}

Fault classify(DnsError error) {
  switch (error) {
    case DnsError::timeout:
      return Fault::dns_timeout;
    case DnsError::no_such_name:
      return Fault::dns_no_such_name;
    case DnsError::server_failure:
      return Fault::dns_server_failure;
    case DnsError::no_address:
      return Fault::dns_no_address;
    case DnsError::no_resolver:
      return Fault::dns_no_resolver;
  }
  return Fault::internal_error;
}

Fault classify(TlsFailure failure, int alert) {
  switch (failure) {
    case TlsFailure::not_tls:
      return Fault::tls_not_spoken;
    case TlsFailure::alert:
      return is_about_our_certificate(alert) ? Fault::tls_client_certificate_rejected
                                             : Fault::tls_alert_received;
    case TlsFailure::untrusted:
      return Fault::tls_untrusted_certificate;
    case TlsFailure::expired:
      return Fault::tls_certificate_expired;
    case TlsFailure::name_mismatch:
      return Fault::tls_name_mismatch;
    case TlsFailure::nothing_in_common:
      return Fault::tls_nothing_in_common;
    case TlsFailure::alpn_mismatch:
      return Fault::tls_alpn_mismatch;
    case TlsFailure::closed:
      return Fault::tls_closed_in_handshake;
    case TlsFailure::timeout:
      return Fault::tls_handshake_timeout;
    case TlsFailure::other:
      return Fault::tls_failed;
  }
  return Fault::internal_error;
}

Fault classify(const AttemptFacts& facts, const TlsError& error) {
  bool is_ours = error.io.kind == Kind::cancelled;
  if (error.failure == TlsFailure::closed && is_ours) return classify(facts, error.io);
  if (error.failure == TlsFailure::timeout) return too_slow(facts);
  return classify(error.failure, error.alert);
}

Fault classify(NoEndpoint reason) {
  switch (reason) {
    case NoEndpoint::none_known:
      return Fault::empty_upstream;
    case NoEndpoint::all_down:
      return Fault::no_healthy_endpoint;
    case NoEndpoint::all_ejected:
      return Fault::all_endpoints_ejected;
    case NoEndpoint::all_draining:
      return Fault::all_endpoints_draining;
    case NoEndpoint::sticky_down:
      return Fault::sticky_endpoint_down;
  }
  return Fault::internal_error;
}

Fault classify_status(int status) {
  bool is_gateway_error = status == 502 || status == 503 || status == 504;
  return is_gateway_error ? Fault::upstream_error_status : Fault::none;
}

Fault classify_request(MessageError error) {
  switch (error) {
    case MessageError::none:
      return Fault::internal_error;
    case MessageError::not_http:
    case MessageError::bad_method:
    case MessageError::bad_target:
    case MessageError::bad_version:
    case MessageError::bad_status_line:
    case MessageError::bad_line_end:
    case MessageError::bad_field_name:
    case MessageError::bad_field_value:
    case MessageError::obsolete_folding:
    case MessageError::no_colon:
    case MessageError::bad_pseudo_field:
    case MessageError::connection_field:
    case MessageError::no_host:
    case MessageError::repeated_host:
    case MessageError::bad_host:
    case MessageError::bad_content_length:
    case MessageError::repeated_content_length:
    case MessageError::length_and_coding:
    case MessageError::bad_transfer_coding:
    case MessageError::body_not_allowed:
    case MessageError::bad_chunk_size:
    case MessageError::chunk_extension_too_long:
    case MessageError::bad_chunk_end:
    case MessageError::bad_trailer:
    case MessageError::excess_bytes:
    case MessageError::too_many_interim_responses:
    case MessageError::unexpected_upgrade:
      return Fault::request_malformed;
    case MessageError::target_too_long:
      return Fault::target_too_long;
    case MessageError::unsupported_version:
      return Fault::version_not_supported;
    case MessageError::head_too_large:
    case MessageError::too_many_fields:
    case MessageError::trailers_too_large:
      return Fault::request_head_too_large;
    case MessageError::unsupported_transfer_coding:
      return Fault::coding_not_supported;
    case MessageError::body_too_large:
      return Fault::request_body_too_large;
    case MessageError::bad_expectation:
      return Fault::expectation_failed;
    case MessageError::ended_before_head:
    case MessageError::ended_in_head:
      return Fault::client_gone_in_head;
    case MessageError::ended_in_body:
      return Fault::client_gone_in_upload;
    case MessageError::http2_violation:
    case MessageError::stream_reset:
    case MessageError::stream_refused:
    case MessageError::goaway_unprocessed:
      return Fault::client_http2_violation;
  }
  return Fault::internal_error;
}

Fault classify_client(Stage stage, const IoError& error) {
  switch (error.kind) {
    case Kind::deadline:
      return client_too_slow(stage);
    case Kind::no_ports:
    case Kind::address_in_use:
      return Fault::ports_exhausted;
    case Kind::no_descriptors:
      return Fault::descriptors_exhausted;
    case Kind::no_memory:
      return Fault::memory_exhausted;
    case Kind::cancelled:
      return Fault::gateway_draining;
    case Kind::refused:
    case Kind::reset:
    case Kind::broken_pipe:
    case Kind::timed_out:
    case Kind::host_unreachable:
    case Kind::network_unreachable:
    case Kind::prohibited:
    case Kind::backlog_full:
    case Kind::no_such_path:
    case Kind::other:
      return client_left(stage);
  }
  return Fault::internal_error;
}

Delivery delivery_of(Fault fault, std::uint64_t request_bytes_written) {
  if (request_bytes_written == 0) return Delivery::not_sent;
  Delivery proven = row_of(fault).delivery;
  return proven == Delivery::not_sent ? Delivery::unknown : proven;
}

}  // namespace gg
