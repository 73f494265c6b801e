// SPDX-License-Identifier: Apache-2.0
#include "report/record_words.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fault/catalogue.h"
#include "unit/report/example_record.h"

namespace gg {
namespace {

FlightRecord kept(const ExchangeRecord& record) {
  FlightRecord flight;
  keep(record, 1, flight);
  return flight;
}

/// The evidence of a single attempt that failed as told.
std::string evidence(const AttemptRecord& facts, std::string_view first_bytes = {}) {
  FlightAttempt attempt;
  attempt.facts = facts;
  attempt.first_bytes.set(first_bytes);
  std::string all;
  for (const std::string& one : evidence_of(attempt)) all += one + "; ";
  return all;
}

TEST(RecordWords, TheOutcomeNamesStatusCauseAndEndpoint) {
  BufferPool pool;
  EXPECT_EQ(outcome_text(kept(failed_record(pool))), "502: not_http at 10.0.0.2:3000");
  EXPECT_EQ(outcome_text(kept(plain_record(pool))), "200 by 10.0.0.1:3000");

  ExchangeRecord rescued = failed_record(pool);
  rescued.status = 200;
  rescued.fault = rescued.last_attempt().fault = Fault::none;
  EXPECT_EQ(outcome_text(kept(rescued)),
            "200 by 10.0.0.2:3000, after connect_refused; the client saw no failure");

  ExchangeRecord refused = plain_record(pool);
  refused.status = 503;
  refused.fault = Fault::queue_full;
  EXPECT_EQ(outcome_text(kept(refused)), "503: queue_full");
}

TEST(RecordWords, AKeepAliveRaceShowsAgeUseAndEnd) {
  AttemptRecord facts{.connection_id = 41,
                      .idle_age = 4980ms,
                      .bytes_written = 180,
                      .request_number = 9,
                      .error_number = 104,
                      .fault = Fault::keep_alive_race,
                      .reused = true};
  EXPECT_EQ(
      evidence(facts),
      "the endpoint reset the connection (RST, ECONNRESET); connection 41 was a kept one: its "
      "request number 9, idle for 4.98 s before; 180 bytes written, 0 read; ");
}

struct EvidenceCase {
  AttemptRecord facts;
  std::string_view first_bytes;
  std::string_view expected;
};

TEST(RecordWords, EachKindOfEvidenceIsSaid) {
  const EvidenceCase cases[] = {
      {{.error_number = 111, .fault = Fault::connect_refused},
       "",
       "the kernel said ECONNREFUSED (Connection refused); no connection came about; "},
      {{.connection_id = 1,
        .fault = Fault::closed_before_head,
        .message_error = MessageError::ended_before_head},
       "",
       "the endpoint ended the connection in order (FIN); connection 1 was new; 0 bytes written, 0 "
       "read; "},
      {{.fault = Fault::not_http, .message_error = MessageError::not_http},
       "\x16\x03\"a\r\n",
       "what is wrong with the response: not_http; the first bytes were "
       "\"\\x16\\x03\\\"a\\r\\n\"; no connection came about; "},
      {{.protocol_code = 40, .fault = Fault::tls_alert_received},
       "",
       "TLS alert 40 (handshake_failure); no connection came about; "},
      {{.connection_id = 1, .fault = Fault::none}, "", ""},
  };
  for (const EvidenceCase& one : cases) {
    EXPECT_EQ(evidence(one.facts, one.first_bytes), one.expected);
  }
}

TEST(RecordWords, TheKernelTellsWhereARequestWasThatNobodyAnswered) {
  struct Case {
    Fault fault;
    Circumstances circumstances;
    Whereabouts expected;
  };
  const Case cases[] = {
      {Fault::head_timeout, {.round_trip = 1ms}, Whereabouts::inside},
      {Fault::head_timeout,
       {.round_trip = 1ms, .retransmits = 4, .unacknowledged = 1},
       Whereabouts::on_the_way},
      {Fault::send_timeout, {.round_trip = 1ms, .unsent = 9000}, Whereabouts::before_the_door},
      // Sent a moment ago: nobody can tell.
      {Fault::head_timeout, {.round_trip = 1ms, .unacknowledged = 1}, Whereabouts::unknown},
      // Not asked, or not waited for.
      {Fault::head_timeout, {}, Whereabouts::unknown},
      {Fault::closed_before_head, {.round_trip = 1ms}, Whereabouts::unknown},
  };
  for (const Case& one : cases) {
    FlightAttempt attempt;
    attempt.facts.fault = one.fault;
    attempt.circumstances = one.circumstances;
    EXPECT_EQ(whereabouts_of(attempt), one.expected) << name_of(one.fault);
  }
}

TEST(RecordWords, EveryVerdictHasItsSentence) {
  for (std::size_t i = 1; i < retry_count; ++i) {
    EXPECT_FALSE(retry_text(static_cast<Retry>(i)).empty()) << i;
  }
}

TEST(RecordWords, DurationsHaveThreeFigures) {
  EXPECT_EQ(duration_text(250us), "0.25 ms");
  EXPECT_EQ(duration_text(12345us), "12 ms");
  EXPECT_EQ(duration_text(4980ms), "4.98 s");
  EXPECT_EQ(duration_text(120s), "120 s");
}

}  // namespace
}  // namespace gg
