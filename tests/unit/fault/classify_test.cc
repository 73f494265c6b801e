// SPDX-License-Identifier: Apache-2.0
#include "fault/classify.h"

#include <gtest/gtest.h>

#include "fault/catalogue.h"

namespace gg {
namespace {

using Kind = IoError::Kind;

struct IoCase {
  Stage stage;
  Kind kind;
  Fault fault;
};

/// Every stage of an attempt and every kind of error, on a new connection with nothing read.
constexpr IoCase io_cases[] = {
    {Stage::connect, Kind::refused, Fault::connect_refused},
    {Stage::connect, Kind::reset, Fault::connect_failed},
    {Stage::connect, Kind::broken_pipe, Fault::connect_failed},
    {Stage::connect, Kind::timed_out, Fault::connect_timeout},
    {Stage::connect, Kind::deadline, Fault::connect_timeout},
    {Stage::connect, Kind::host_unreachable, Fault::host_unreachable},
    {Stage::connect, Kind::network_unreachable, Fault::network_unreachable},
    {Stage::connect, Kind::prohibited, Fault::connect_prohibited},
    {Stage::connect, Kind::no_ports, Fault::ports_exhausted},
    {Stage::connect, Kind::no_descriptors, Fault::descriptors_exhausted},
    {Stage::connect, Kind::no_memory, Fault::memory_exhausted},
    {Stage::connect, Kind::backlog_full, Fault::unix_backlog_full},
    {Stage::connect, Kind::no_such_path, Fault::unix_socket_missing},
    {Stage::connect, Kind::address_in_use, Fault::ports_exhausted},
    {Stage::connect, Kind::cancelled, Fault::gateway_draining},
    {Stage::connect, Kind::other, Fault::connect_failed},

    {Stage::tls, Kind::reset, Fault::tls_closed_in_handshake},
    {Stage::tls, Kind::broken_pipe, Fault::tls_closed_in_handshake},
    {Stage::tls, Kind::timed_out, Fault::tls_handshake_timeout},
    {Stage::tls, Kind::deadline, Fault::tls_handshake_timeout},
    {Stage::tls, Kind::host_unreachable, Fault::host_unreachable},
    {Stage::tls, Kind::no_memory, Fault::memory_exhausted},
    {Stage::tls, Kind::other, Fault::tls_closed_in_handshake},

    {Stage::send, Kind::reset, Fault::reset_while_sending},
    {Stage::send, Kind::broken_pipe, Fault::reset_while_sending},
    {Stage::send, Kind::timed_out, Fault::send_timeout},
    {Stage::send, Kind::deadline, Fault::send_timeout},
    {Stage::send, Kind::host_unreachable, Fault::host_unreachable},
    {Stage::send, Kind::no_memory, Fault::memory_exhausted},
    {Stage::send, Kind::cancelled, Fault::gateway_draining},
    {Stage::send, Kind::other, Fault::reset_while_sending},

    {Stage::response_head, Kind::reset, Fault::closed_before_head},
    {Stage::response_head, Kind::broken_pipe, Fault::closed_before_head},
    {Stage::response_head, Kind::timed_out, Fault::head_timeout},
    {Stage::response_head, Kind::deadline, Fault::head_timeout},
    {Stage::response_head, Kind::host_unreachable, Fault::host_unreachable},
    {Stage::response_head, Kind::no_memory, Fault::memory_exhausted},
    {Stage::response_head, Kind::cancelled, Fault::gateway_draining},
    {Stage::response_head, Kind::other, Fault::closed_before_head},

    {Stage::response_body, Kind::reset, Fault::body_reset},
    {Stage::response_body, Kind::broken_pipe, Fault::body_reset},
    {Stage::response_body, Kind::timed_out, Fault::body_timeout},
    {Stage::response_body, Kind::deadline, Fault::body_timeout},
    {Stage::response_body, Kind::no_memory, Fault::memory_exhausted},
    {Stage::response_body, Kind::other, Fault::body_reset},

    {Stage::tunnel, Kind::reset, Fault::tunnel_cut},
    {Stage::tunnel, Kind::deadline, Fault::tunnel_cut},
    {Stage::resolve, Kind::deadline, Fault::dns_timeout},
    {Stage::resolve, Kind::reset, Fault::dns_server_failure},
    {Stage::admission, Kind::deadline, Fault::queue_wait_exceeded},
};

TEST(Classify, NamesEveryErrorAtEveryStageOfAnAttempt) {
  for (const IoCase& row : io_cases) {
    const Fault fault = classify({.stage = row.stage}, IoError{.kind = row.kind});
    EXPECT_EQ(name_of(fault), name_of(row.fault)) << name_of(row.stage) << " " << text_of(row.kind);
  }
}

constexpr IoError reset{.kind = Kind::reset, .number = 104};

TEST(Classify, AResetAtOnceOnAReusedConnectionIsARace) {
  const AttemptFacts facts{
      .stage = Stage::response_head, .connection_was_reused = true, .waited = 2ms};

  EXPECT_EQ(classify(facts, reset), Fault::keep_alive_race);
  EXPECT_EQ(classify(facts, MessageError::ended_before_head), Fault::keep_alive_race);
}

TEST(Classify, ARaceCanBeNoticedWhileSending) {
  const AttemptFacts facts{.stage = Stage::send, .connection_was_reused = true, .waited = 0ms};

  EXPECT_EQ(classify(facts, IoError{.kind = Kind::broken_pipe}), Fault::keep_alive_race);
  EXPECT_EQ(classify(facts, MessageError::ended_before_head), Fault::keep_alive_race);
}

TEST(Classify, AResetLongAfterSendingIsNoRaceThoughTheConnectionWasReused) {
  const AttemptFacts facts{
      .stage = Stage::response_head, .connection_was_reused = true, .waited = 700ms};

  EXPECT_EQ(classify(facts, reset), Fault::closed_before_head);
}

TEST(Classify, AFarEndpointHasLongerToLoseARace) {
  const AttemptFacts facts{.stage = Stage::response_head,
                           .connection_was_reused = true,
                           .round_trip = 300ms,
                           .waited = 700ms};

  EXPECT_EQ(classify(facts, reset), Fault::keep_alive_race);
}

TEST(Classify, AnEndOnANewConnectionIsNoRace) {
  const AttemptFacts facts{.stage = Stage::response_head, .waited = 2ms};

  EXPECT_EQ(classify(facts, MessageError::ended_before_head), Fault::closed_before_head);
}

TEST(Classify, BytesOfAResponseExcludeARace) {
  const AttemptFacts facts{.stage = Stage::response_head,
                           .connection_was_reused = true,
                           .response_bytes_read = 1,
                           .waited = 2ms};

  EXPECT_EQ(classify(facts, reset), Fault::head_incomplete);
  EXPECT_EQ(classify(facts, MessageError::ended_before_head), Fault::head_incomplete);
}

TEST(Classify, AnEndNearARoundNumberOfSecondsIsATimeoutOfTheEndpoint) {
  AttemptFacts facts{.stage = Stage::response_head, .waited = 30'200ms};
  EXPECT_EQ(classify(facts, reset), Fault::closed_after_long_wait);

  facts.waited = 61s;
  EXPECT_EQ(classify(facts, MessageError::ended_before_head), Fault::closed_after_long_wait);

  facts.connection_was_reused = true;
  EXPECT_EQ(classify(facts, reset), Fault::closed_after_long_wait);
}

TEST(Classify, AnEndAtAnOddTimeIsNoTimeoutOfTheEndpoint) {
  AttemptFacts facts{.stage = Stage::response_head, .waited = 3s};
  EXPECT_EQ(classify(facts, reset), Fault::closed_before_head);

  facts.waited = 36s;
  EXPECT_EQ(classify(facts, reset), Fault::closed_before_head);
}

TEST(Classify, AnAnswerThatWasLostWhileSendingIsNamed) {
  const AttemptFacts facts{.stage = Stage::send, .response_bytes_read = 12};

  EXPECT_EQ(classify(facts, IoError{.kind = Kind::broken_pipe}), Fault::early_answer_lost);
}

TEST(Classify, TheExchangesOwnDeadlineIsNotTheStages) {
  const AttemptFacts facts{.stage = Stage::response_head, .exchange_time_is_up = true};

  EXPECT_EQ(classify(facts, IoError{.kind = Kind::deadline}), Fault::exchange_deadline);
  EXPECT_EQ(classify(facts, reset), Fault::closed_before_head);
}

struct MessageCase {
  MessageError error;
  Fault from_endpoint;
  Fault from_client;
};

constexpr MessageCase message_cases[] = {
    {MessageError::none, Fault::internal_error, Fault::internal_error},
    {MessageError::not_http, Fault::not_http, Fault::request_malformed},
    {MessageError::bad_method, Fault::head_malformed, Fault::request_malformed},
    {MessageError::bad_target, Fault::head_malformed, Fault::request_malformed},
    {MessageError::target_too_long, Fault::head_malformed, Fault::target_too_long},
    {MessageError::bad_version, Fault::head_malformed, Fault::request_malformed},
    {MessageError::unsupported_version, Fault::head_malformed, Fault::version_not_supported},
    {MessageError::bad_status_line, Fault::head_malformed, Fault::request_malformed},
    {MessageError::bad_line_end, Fault::head_malformed, Fault::request_malformed},
    {MessageError::bad_field_name, Fault::head_malformed, Fault::request_malformed},
    {MessageError::bad_field_value, Fault::head_malformed, Fault::request_malformed},
    {MessageError::obsolete_folding, Fault::head_malformed, Fault::request_malformed},
    {MessageError::no_colon, Fault::head_malformed, Fault::request_malformed},
    {MessageError::bad_pseudo_field, Fault::head_malformed, Fault::request_malformed},
    {MessageError::connection_field, Fault::head_malformed, Fault::request_malformed},
    {MessageError::head_too_large, Fault::head_too_large, Fault::request_head_too_large},
    {MessageError::too_many_fields, Fault::head_flood, Fault::request_head_too_large},
    {MessageError::no_host, Fault::head_malformed, Fault::request_malformed},
    {MessageError::repeated_host, Fault::head_malformed, Fault::request_malformed},
    {MessageError::bad_host, Fault::head_malformed, Fault::request_malformed},
    {MessageError::bad_content_length, Fault::framing_conflict, Fault::request_malformed},
    {MessageError::repeated_content_length, Fault::framing_conflict, Fault::request_malformed},
    {MessageError::length_and_coding, Fault::framing_conflict, Fault::request_malformed},
    {MessageError::bad_transfer_coding, Fault::framing_conflict, Fault::request_malformed},
    {MessageError::unsupported_transfer_coding, Fault::framing_conflict,
     Fault::coding_not_supported},
    {MessageError::body_not_allowed, Fault::framing_conflict, Fault::request_malformed},
    {MessageError::bad_chunk_size, Fault::body_bad_chunk, Fault::request_malformed},
    {MessageError::chunk_extension_too_long, Fault::body_bad_chunk, Fault::request_malformed},
    {MessageError::bad_chunk_end, Fault::body_bad_chunk, Fault::request_malformed},
    {MessageError::bad_trailer, Fault::body_bad_chunk, Fault::request_malformed},
    {MessageError::trailers_too_large, Fault::trailers_too_large, Fault::request_head_too_large},
    {MessageError::excess_bytes, Fault::body_excess, Fault::request_malformed},
    {MessageError::body_too_large, Fault::body_too_large, Fault::request_body_too_large},
    {MessageError::ended_before_head, Fault::closed_before_head, Fault::client_gone_in_head},
    {MessageError::ended_in_head, Fault::head_incomplete, Fault::client_gone_in_head},
    {MessageError::ended_in_body, Fault::body_truncated, Fault::client_gone_in_upload},
    {MessageError::too_many_interim_responses, Fault::head_flood, Fault::request_malformed},
    {MessageError::unexpected_upgrade, Fault::upgrade_not_requested, Fault::request_malformed},
    {MessageError::bad_expectation, Fault::head_malformed, Fault::expectation_failed},
    {MessageError::http2_violation, Fault::http2_violation, Fault::client_http2_violation},
    {MessageError::stream_reset, Fault::stream_reset, Fault::client_http2_violation},
    {MessageError::stream_refused, Fault::stream_refused, Fault::client_http2_violation},
    {MessageError::goaway_unprocessed, Fault::goaway_unprocessed, Fault::client_http2_violation},
};

TEST(Classify, NamesEveryErrorOfAMessageFromEitherSide) {
  ASSERT_EQ(std::size(message_cases), static_cast<std::size_t>(MessageError::last) + 1);
  for (const MessageCase& row : message_cases) {
    const Fault from_endpoint = classify({.stage = Stage::response_head}, row.error);
    EXPECT_EQ(name_of(from_endpoint), name_of(row.from_endpoint)) << text_of(row.error);
    EXPECT_EQ(name_of(classify_request(row.error)), name_of(row.from_client)) << text_of(row.error);
  }
}

TEST(Classify, NothingInATunnelIsAMessage) {
  EXPECT_EQ(classify({.stage = Stage::tunnel}, MessageError::ended_in_body), Fault::tunnel_cut);
}

TEST(Classify, NamesEveryFailureOfANameLookup) {
  EXPECT_EQ(classify(DnsError::timeout), Fault::dns_timeout);
  EXPECT_EQ(classify(DnsError::no_such_name), Fault::dns_no_such_name);
  EXPECT_EQ(classify(DnsError::server_failure), Fault::dns_server_failure);
  EXPECT_EQ(classify(DnsError::no_address), Fault::dns_no_address);
  EXPECT_EQ(classify(DnsError::no_resolver), Fault::dns_no_resolver);
}

TEST(Classify, NamesEveryFailureOfAHandshake) {
  EXPECT_EQ(classify(TlsFailure::not_tls, 0), Fault::tls_not_spoken);
  EXPECT_EQ(classify(TlsFailure::untrusted, 0), Fault::tls_untrusted_certificate);
  EXPECT_EQ(classify(TlsFailure::expired, 0), Fault::tls_certificate_expired);
  EXPECT_EQ(classify(TlsFailure::name_mismatch, 0), Fault::tls_name_mismatch);
  EXPECT_EQ(classify(TlsFailure::nothing_in_common, 0), Fault::tls_nothing_in_common);
  EXPECT_EQ(classify(TlsFailure::alpn_mismatch, 0), Fault::tls_alpn_mismatch);
  EXPECT_EQ(classify(TlsFailure::closed, 0), Fault::tls_closed_in_handshake);
  EXPECT_EQ(classify(TlsFailure::timeout, 0), Fault::tls_handshake_timeout);
  EXPECT_EQ(classify(TlsFailure::other, 0), Fault::tls_failed);
}

TEST(Classify, AnAlertAboutACertificateIsAboutOurs) {
  EXPECT_EQ(classify(AttemptFacts{.stage = Stage::tls}, TlsError{.failure = TlsFailure::timeout}),
            Fault::tls_handshake_timeout);
  EXPECT_EQ(classify(AttemptFacts{.stage = Stage::tls, .exchange_time_is_up = true},
                     TlsError{.failure = TlsFailure::timeout}),
            Fault::exchange_deadline);
  EXPECT_EQ(classify(AttemptFacts{.stage = Stage::tls},
                     TlsError{.failure = TlsFailure::closed,
                              .io = {.kind = IoError::Kind::cancelled, .number = 0}}),
            Fault::gateway_draining);
  EXPECT_EQ(classify(TlsFailure::alert, 40), Fault::tls_alert_received);
  EXPECT_EQ(classify(TlsFailure::alert, 112), Fault::tls_alert_received);
  EXPECT_EQ(classify(TlsFailure::alert, 42), Fault::tls_client_certificate_rejected);
  EXPECT_EQ(classify(TlsFailure::alert, 48), Fault::tls_client_certificate_rejected);
  EXPECT_EQ(classify(TlsFailure::alert, 116), Fault::tls_client_certificate_rejected);
}

TEST(Classify, NamesEveryReasonForHavingNoEndpoint) {
  EXPECT_EQ(classify(NoEndpoint::none_known), Fault::empty_upstream);
  EXPECT_EQ(classify(NoEndpoint::all_down), Fault::no_healthy_endpoint);
  EXPECT_EQ(classify(NoEndpoint::all_ejected), Fault::all_endpoints_ejected);
  EXPECT_EQ(classify(NoEndpoint::all_draining), Fault::all_endpoints_draining);
  EXPECT_EQ(classify(NoEndpoint::sticky_down), Fault::sticky_endpoint_down);
}

TEST(Classify, OnlyGatewayErrorsOfTheUpstreamAreFaults) {
  EXPECT_EQ(classify_status(501), Fault::none);
  EXPECT_EQ(classify_status(502), Fault::upstream_error_status);
  EXPECT_EQ(classify_status(503), Fault::upstream_error_status);
  EXPECT_EQ(classify_status(504), Fault::upstream_error_status);
  EXPECT_EQ(classify_status(500), Fault::none);
  EXPECT_EQ(classify_status(200), Fault::none);
}

struct ClientCase {
  Stage stage;
  Fault left;
  Fault slow;
};

TEST(Classify, NamesWhenAClientLeavesAndWhenItIsSlow) {
  const ClientCase cases[] = {
      {Stage::request_head, Fault::client_gone_in_head, Fault::client_head_timeout},
      {Stage::request_body, Fault::client_gone_in_upload, Fault::client_body_timeout},
      {Stage::send, Fault::client_gone_in_upload, Fault::client_body_timeout},
      {Stage::admission, Fault::client_gone_while_waiting, Fault::client_not_reading},
      {Stage::connect, Fault::client_gone_while_waiting, Fault::client_not_reading},
      {Stage::response_head, Fault::client_gone_while_waiting, Fault::client_not_reading},
      {Stage::response_body, Fault::client_gone_in_download, Fault::client_not_reading},
      {Stage::tunnel, Fault::tunnel_cut, Fault::tunnel_cut},
  };
  for (const ClientCase& row : cases) {
    EXPECT_EQ(name_of(classify_client(row.stage, reset)), name_of(row.left));
    EXPECT_EQ(name_of(classify_client(row.stage, IoError{.kind = Kind::broken_pipe})),
              name_of(row.left));
    EXPECT_EQ(name_of(classify_client(row.stage, IoError{.kind = Kind::deadline})),
              name_of(row.slow));
  }
}

TEST(Classify, WhatTheGatewayLacksIsNotTheClientsFault) {
  EXPECT_EQ(classify_client(Stage::response_body, IoError{.kind = Kind::no_memory}),
            Fault::memory_exhausted);
  EXPECT_EQ(classify_client(Stage::request_head, IoError{.kind = Kind::cancelled}),
            Fault::gateway_draining);
}

TEST(Delivery, IsExcludedOnlyWhenNoByteWasWritten) {
  for (const FaultRow& row : catalogue()) {
    EXPECT_EQ(delivery_of(row.fault, 0), Delivery::not_sent) << row.name;
    EXPECT_NE(delivery_of(row.fault, 1), Delivery::not_sent) << row.name;
  }
}

TEST(Delivery, OfARaceIsUnknownOnceAByteWasWritten) {
  EXPECT_EQ(delivery_of(Fault::keep_alive_race, 300), Delivery::unknown);
  EXPECT_EQ(delivery_of(Fault::host_unreachable, 300), Delivery::unknown);
}

TEST(Delivery, IsWhatTheEndpointSaidIfItSaidSomething) {
  EXPECT_EQ(delivery_of(Fault::stream_refused, 300), Delivery::declined);
  EXPECT_EQ(delivery_of(Fault::goaway_unprocessed, 300), Delivery::declined);
  EXPECT_EQ(delivery_of(Fault::body_truncated, 300), Delivery::answered);
}

}  // namespace
}  // namespace gg
