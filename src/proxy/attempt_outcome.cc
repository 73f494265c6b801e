// SPDX-License-Identifier: Apache-2.0
// What became of an attempt: which fault it is, what is kept of it, what its endpoint's health
// learns; a part of Attempt.
#include "base/text.h"
#include "engine/transport_facts.h"
#include "fault/catalogue.h"
#include "fault/classify.h"
#include "fault/hops.h"
#include "proxy/attempt.h"
#include "upstream/health/health_text.h"

namespace gg {

namespace {

/// Where the request is that was not answered: on the way, before the service's door, or inside.
void note_transport(const ByteStream& bytes, Circumstances& circumstances) {
  if (!bytes.is_open()) return;
  std::optional<TransportFacts> facts = transport_facts_of(bytes.socket());
  if (!facts) return;
  circumstances.round_trip = facts->round_trip;
  circumstances.retransmits = facts->retransmits;
  circumstances.unacknowledged = facts->unacknowledged;
  circumstances.unsent = facts->unsent;
}

}  // namespace

int Attempt::grpc_status() const {
  if (head_.version != HttpVersion::http2) return -1;
  const Field* field = head_.fields.find("grpc-status");
  std::optional<std::uint64_t> status =
      field != nullptr ? parse_number(field->value) : std::nullopt;
  return status && *status <= 16 ? static_cast<int>(*status) : -1;
}

bool Attempt::is_exchange_deadline(const StreamError& error) const {
  return error.message == MessageError::none && error.io.kind == IoError::Kind::deadline &&
         exchange_.deadline.has_passed(engine_.now());
}

Fault Attempt::fail(const StreamError& error, Stage stage) {
  // A certificate is refused after the handshake in TLS 1.3: the alert comes instead of a response.
  int alert = connection_ != nullptr ? stream().alert_received() : 0;
  if (alert != 0 && stream().bytes_read() == 0 && !has_lost()) {
    record_.protocol_code = static_cast<std::uint32_t>(alert);
    return fail(classify(TlsFailure::alert, alert), error);
  }
  AttemptFacts facts{.stage = stage,
                     .connection_was_reused = record_.reused,
                     .exchange_time_is_up = is_exchange_deadline(error),
                     .round_trip = record_.connect};
  if (connection_ != nullptr) {
    facts.response_bytes_read = stream().bytes_read();
    facts.waited = engine_.now() - sent_;
  }
  bool is_message = error.message != MessageError::none;
  return fail(is_message ? classify(facts, error.message) : classify(facts, error.io), error);
}

Fault Attempt::fail(Fault fault, const StreamError& error) {
  note_bytes();
  if (has_lost()) {
    if (delivery_ != Delivery::answered) delivery_ = delivery_of(fault, record_.bytes_written);
    return Fault::none;
  }
  record_.fault = fault;
  bool is_of_system = error.message == MessageError::none;
  if (is_of_system) record_.error_number = error.io.number;
  bool has_code = !is_of_system && error.io.number != 0;
  if (has_code) record_.protocol_code = static_cast<std::uint32_t>(error.io.number);
  record_.message_error = error.message;
  if (delivery_ != Delivery::answered) delivery_ = delivery_of(fault, record_.bytes_written);
  note_circumstances();
  keep_evidence(error);
  learn(fault);
  return fault;
}

Fault Attempt::fail_by_client(Stage stage, const StreamError& error) {
  if (has_lost()) return Fault::none;
  bool is_message = error.message != MessageError::none;
  Fault fault = is_message ? classify_request(error.message) : classify_client(stage, error.io);
  if (is_message && row_of(fault).status == 0) {
    fault = classify_client(stage, {.kind = IoError::Kind::reset, .number = 0});
  }
  if (is_exchange_deadline(error)) fault = Fault::exchange_deadline;
  client_fault_ = fault;
  record_.fault = fault;
  exchange_.record.message_error = error.message;
  exchange_.client_failed = !gateway_answers(fault);
  return fault;
}

/// How things stood, before this failure changes them.
void Attempt::note_circumstances() {
  Instant now = engine_.now();
  Circumstances circumstances{.in_flight = endpoint_.requests_in_flight,
                              .limit = endpoint_.load.adaptive.limit(),
                              .standing = standing_text(endpoint_.health.state(now))};
  bool is_own = connection_ != nullptr && !connection_->is_shared;
  if (is_own) {
    circumstances.connection_age = now - connection_->opened;
    note_transport(static_cast<Http1UpstreamConnection&>(*connection_).client.bytes(),
                   circumstances);
  }
  exchange_.record.keep_circumstances(record_, circumstances, engine_.buffers());
}

/// Who behind the endpoint gave up, if such an answer tells: for the operator to look at.
void Attempt::keep_hop() {
  HopFacts facts = hop_facts_of(head_, relay_.beginning());
  std::optional<GuiltyHop> hop = guilty_hop_of(head_.status, facts);
  if (hop) exchange_.record.keep_first_bytes(record_, text_of(*hop), engine_.buffers());
}

/// What an endpoint sent instead of a good response, for the operator to look at.
void Attempt::keep_evidence(const StreamError& error) {
  if (error.message == MessageError::none || connection_ == nullptr) return;
  std::string_view bytes = stream().unread();
  if (!bytes.empty()) exchange_.record.keep_first_bytes(record_, bytes, engine_.buffers());
}

void Attempt::note_bytes() {
  if (connection_ == nullptr) return;
  record_.bytes_written = stream().bytes_written();
  record_.bytes_read = stream().bytes_read();
}

/// What the attempt says about its endpoint: once, at the first thing that says something.
void Attempt::learn(Fault fault) {
  Instant now = engine_.now();
  if (record_.reused) endpoint_.note_reuse(*connection_, record_.idle_age, fault);
  if (fault != Fault::none) {
    ++endpoint_.faults_total;
    awaited_.end();
    health_.failed(fault, {.was_reused = record_.reused, .waited = now - began_}, now);
    bool is_about_endpoint = row_of(fault).about_endpoint;
    if (is_about_endpoint) {
      endpoint_.response_time.observe(now - began_, now);
      upstream_.trouble().note(true, now);
    }
  } else {
    health_.answered(head_.status, record_.first_byte, now);
    bool is_apology = classify_status(head_.status) != Fault::none;
    // Who is quick to say that he cannot is not a quick one.
    bool was_longer = record_.first_byte > endpoint_.response_time.value(now);
    if (!is_apology || was_longer) endpoint_.response_time.observe(record_.first_byte, now);
    upstream_.trouble().note(is_apology, now);
    upstream_.response_times().observe(answer_time(), now);
  }
  learned_ = true;
}

}  // namespace gg
