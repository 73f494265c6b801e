// SPDX-License-Identifier: Apache-2.0
#include "admin/record_json.h"

#include <nlohmann/json.hpp>

#include "admin/json_text.h"
#include "fault/catalogue.h"
#include "report/log_time.h"
#include "report/record_words.h"

namespace gg {
namespace {

using Json = nlohmann::ordered_json;

double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

void add_if_positive(Json& json, const char* key, Duration duration) {
  if (duration > Duration::zero()) json[key] = milliseconds(duration);
}

void add_if_any(Json& json, const char* key, std::string_view text) {
  if (!text.empty()) json[key] = text;
}

Json json_of(Fault fault) {
  const FaultRow& row = row_of(fault);
  return {{"id", row.id},
          {"name", row.name},
          {"stage", name_of(row.stage)},
          {"blame", name_of(row.blame)},
          {"meaning", row.meaning},
          {"remedy", row.remedy}};
}

Json json_of_connection(const FlightAttempt& attempt) {
  const AttemptRecord& facts = attempt.facts;
  Json json = {{"id", facts.connection_id},
               {"reused", facts.reused},
               {"request_number", facts.request_number}};
  if (facts.reused) json["idle_ms"] = milliseconds(facts.idle_age);
  add_if_positive(json, "age_ms", attempt.circumstances.connection_age);
  return json;
}

void add_failure(Json& json, const FlightAttempt& attempt) {
  const AttemptRecord& facts = attempt.facts;
  json["fault"] = json_of(facts.fault);
  json["delivery"] = name_of(facts.delivery);
  if (facts.error_number != 0) json["errno"] = errno_text(facts.error_number);
  if (facts.message_error != MessageError::none)
    json["message_error"] = text_of(facts.message_error);
  if (facts.protocol_code != 0) json["protocol_code"] = facts.protocol_code;
  if (!attempt.first_bytes.empty()) json["first_bytes"] = printable(attempt.first_bytes.view());
  const Circumstances& circumstances = attempt.circumstances;
  if (!circumstances.standing.empty()) {
    json["endpoint_then"] = {{"standing", circumstances.standing},
                             {"requests_in_flight", circumstances.in_flight},
                             {"requests_limit", circumstances.limit}};
  }
  if (circumstances.round_trip > Duration::zero()) {
    json["tcp"] = {{"round_trip_ms", milliseconds(circumstances.round_trip)},
                   {"packets_sent_again", circumstances.retransmits},
                   {"packets_unacknowledged", circumstances.unacknowledged},
                   {"bytes_without_room", circumstances.unsent}};
  }
  json["evidence"] = evidence_of(attempt);
  json["retry"] = text_of(facts.verdict);
  add_if_any(json, "then", retry_text(facts.verdict));
}

Json json_of(const FlightAttempt& attempt) {
  const AttemptRecord& facts = attempt.facts;
  Json json = {{"endpoint", attempt.endpoint.view()},
               {"at_ms", milliseconds(facts.started)},
               {"ms", milliseconds(facts.total)}};
  add_if_positive(json, "connect_ms", facts.connect);
  add_if_positive(json, "tls_ms", facts.tls);
  add_if_positive(json, "send_ms", facts.send);
  add_if_positive(json, "first_byte_ms", facts.first_byte);
  json["bytes_written"] = facts.bytes_written;
  json["bytes_read"] = facts.bytes_read;
  if (facts.connection_id != 0) json["connection"] = json_of_connection(attempt);
  if (facts.status != 0) json["status"] = facts.status;
  if (facts.hedge) json["hedge"] = true;
  if (facts.lost) json["lost"] = true;
  if (facts.fault != Fault::none) add_failure(json, attempt);
  return json;
}

Json json_of_request(const FlightRecord& record) {
  Json json = {{"method", record.method.view()},
               {"scheme", record.is_tls ? "https" : "http"},
               {"host", record.host.view()},
               {"target", record.target.view()}};
  add_if_any(json, "user_agent", record.user_agent.view());
  json["client"] = record.client.view();
  if (record.peer.view() != record.client.view()) json["peer"] = record.peer.view();
  json["listener"] = record.listener.view();
  json["connection"] = record.client_connection_id;
  json["number_on_connection"] = record.client_request_number;
  json["head_bytes"] = record.request_head_bytes;
  json["body_bytes"] = record.request_body_bytes;
  if (record.message_error != MessageError::none)
    json["message_error"] = text_of(record.message_error);
  return json;
}

}  // namespace

std::string to_json(const FlightRecord& record) {
  LogTime time;
  Json attempts = Json::array();
  for (const FlightAttempt& attempt : record.attempts()) attempts.push_back(json_of(attempt));
  Json json = {{"id", record.id.view()},
               {"time", time.rfc3339(record.started)},
               {"outcome", name_of(record.outcome())},
               {"summary", outcome_text(record)},
               {"status", record.status}};
  Fault fault = record.first_fault();
  if (record.fault != Fault::none) fault = record.fault;
  if (fault != Fault::none) json["fault"] = json_of(fault);
  add_if_any(json, "retry", record.fault == Fault::none ? "" : retry_text(record.verdict));
  json["request"] = json_of_request(record);
  add_if_any(json, "route", record.route.view());
  add_if_any(json, "upstream", record.upstream.view());
  json["generation"] = record.generation;
  json["ms"] = milliseconds(record.total);
  add_if_positive(json, "head_ms", record.head_read);
  add_if_positive(json, "queue_ms", record.queued);
  add_if_positive(json, "first_byte_ms", record.committed);
  json["response_head_bytes"] = record.response_head_bytes;
  json["response_body_bytes"] = record.response_body_bytes;
  if (record.upgraded) json["upgraded"] = true;
  json["attempts_made"] = record.attempts_made;
  json["attempts"] = std::move(attempts);
  return json_page_text(json);
}

}  // namespace gg
