// SPDX-License-Identifier: Apache-2.0
#include "report/log_field.h"

#include <array>

#include "base/text.h"
#include "fault/catalogue.h"
#include "tls/tls_error.h"

namespace gg {
namespace {

// Together with the attempts these bound the longest line; see LogBuffer::longest_line.
constexpr std::size_t longest_target = 4096;
constexpr std::size_t longest_value = 1024;
constexpr std::size_t longest_name = 256;

bool put_text(LineWriter& out, std::string_view bytes, std::size_t longest) {
  if (bytes.empty()) return false;
  out.text(bytes, longest);
  return true;
}

bool put_positive(LineWriter& out, std::uint64_t value) {
  if (value == 0) return false;
  out.number(value);
  return true;
}

bool put_duration(LineWriter& out, Duration duration) {
  if (duration <= Duration::zero()) return false;
  out.milliseconds(duration);
  return true;
}

std::string_view text_of(HttpVersion version) {
  switch (version) {
    case HttpVersion::http10:
      return "HTTP/1.0";
    case HttpVersion::http11:
      return "HTTP/1.1";
    case HttpVersion::http2:
      return "HTTP/2.0";
  }
  return "";
}

const AttemptRecord* last_of(const ExchangeRecord& record) {
  return record.attempts_made() == 0 ? nullptr : &record.last_attempt();
}

/// Writes one member of an attempt's object; the comma is dropped with the member.
template <class Write>
void member(LineWriter& out, std::string_view key, bool is_there, Write write) {
  if (!is_there) return;
  out.raw(key);
  write();
}

void put_attempt_stages(LineWriter& out, const AttemptRecord& attempt) {
  constexpr Duration zero{};
  member(out, R"(,"connect_ms":)", attempt.connect > zero,
         [&] { out.milliseconds(attempt.connect); });
  member(out, R"(,"tls_ms":)", attempt.tls > zero, [&] { out.milliseconds(attempt.tls); });
  member(out, R"(,"send_ms":)", attempt.send > zero, [&] { out.milliseconds(attempt.send); });
  member(out, R"(,"first_byte_ms":)", attempt.first_byte > zero,
         [&] { out.milliseconds(attempt.first_byte); });
  out.raw(R"(,"ms":)");
  out.milliseconds(attempt.total);
}

void put_attempt_connection(LineWriter& out, const AttemptRecord& attempt) {
  member(out, R"(,"connection":)", attempt.connection_id != 0, [&] {
    out.number(attempt.connection_id);
    out.raw(R"(,"request_number":)");
    out.number(attempt.request_number);
    out.raw(R"(,"reused":)");
    out.flag(attempt.reused);
  });
  member(out, R"(,"idle_ms":)", attempt.reused, [&] { out.milliseconds(attempt.idle_age); });
  out.raw(R"(,"bytes_written":)");
  out.number(attempt.bytes_written);
  out.raw(R"(,"bytes_read":)");
  out.number(attempt.bytes_read);
  member(out, R"(,"status":)", attempt.status != 0, [&] { out.number(attempt.status); });
  member(out, R"(,"hedge":)", attempt.hedge, [&] { out.flag(true); });
  member(out, R"(,"lost":)", attempt.lost, [&] { out.flag(true); });
}

void put_attempt_failure(LineWriter& out, const AttemptRecord& attempt) {
  if (attempt.fault == Fault::none) return;
  const FaultRow& row = row_of(attempt.fault);
  out.raw(R"(,"fault":)");
  out.word(row.name);
  out.raw(R"(,"fault_id":)");
  out.word(row.id);
  out.raw(R"(,"blame":)");
  out.word(name_of(row.blame));
  out.raw(R"(,"delivery":)");
  out.word(name_of(attempt.delivery));
  out.raw(R"(,"retry":)");
  out.word(text_of(attempt.verdict));
  member(out, R"(,"message_error":)", attempt.message_error != MessageError::none,
         [&] { out.word(text_of(attempt.message_error)); });
  member(out, R"(,"errno":)", attempt.error_number != 0,
         [&] { out.signed_number(attempt.error_number); });
  member(out, R"(,"protocol_code":)", attempt.protocol_code != 0,
         [&] { out.number(attempt.protocol_code); });
  member(out, R"(,"certificate_error":)", attempt.verify_code != 0,
         [&] { out.word(text_of_verification(attempt.verify_code)); });
}

void put_attempt(LineWriter& out, const ExchangeRecord& record, std::size_t index) {
  const AttemptRecord& attempt = record.attempt(index);
  out.raw(R"({"endpoint":)");
  out.text(attempt.endpoint, longest_name);
  member(out, R"(,"at_ms":)", index > 0, [&] { out.milliseconds(attempt.started); });
  put_attempt_stages(out, attempt);
  put_attempt_connection(out, attempt);
  put_attempt_failure(out, attempt);
  std::string_view first_bytes = record.first_bytes(index);
  member(out, R"(,"first_bytes":)", !first_bytes.empty(),
         [&] { out.text(first_bytes, ExchangeRecord::first_bytes_kept); });
  out.raw("}");
}

bool write_attempts(LineWriter& out, const LogLine& line) {
  if (line.record.attempts_made() == 0) return false;
  out.raw("[");
  for (std::size_t i = 0; i < line.record.attempts_recorded(); ++i) {
    if (i > 0) out.raw(",");
    put_attempt(out, line.record, i);
  }
  out.raw("]");
  return true;
}

bool write_trace(LineWriter& out, const LogLine& line) {
  const TraceContext* trace = line.record.trace.get();
  if (trace == nullptr) return false;
  std::array<char, 32> digits{};
  write_hex(trace->trace_high, digits.data());
  write_hex(trace->trace_low, digits.data() + 16);
  out.word({digits.data(), digits.size()});
  return true;
}

bool write_fault_id(LineWriter& out, const LogLine& line) {
  if (line.record.fault == Fault::none) return false;
  out.word(row_of(line.record.fault).id);
  return true;
}

bool write_fault(LineWriter& out, const LogLine& line) {
  if (line.record.fault == Fault::none) return false;
  out.word(row_of(line.record.fault).name);
  return true;
}

bool write_blame(LineWriter& out, const LogLine& line) {
  if (line.record.fault == Fault::none) return false;
  out.word(name_of(row_of(line.record.fault).blame));
  return true;
}

bool write_rescued(LineWriter& out, const LogLine& line) {
  if (!line.record.was_rescued()) return false;
  out.word(name_of(line.record.first_fault()));
  return true;
}

bool write_verdict(LineWriter& out, const LogLine& line) {
  if (line.record.fault == Fault::none || line.record.verdict == Retry::not_asked) return false;
  out.word(text_of(line.record.verdict));
  return true;
}

bool write_message_error(LineWriter& out, const LogLine& line) {
  if (line.record.message_error == MessageError::none) return false;
  out.word(text_of(line.record.message_error));
  return true;
}

using Out = LineWriter&;
using Line = const LogLine&;

constexpr LogField table[] = {
    {"time",
     [](Out out, Line line) {
       out.word(line.time.rfc3339(line.record.started));
       return true;
     },
     "When the first byte of the request arrived, in UTC, as RFC 3339 writes it."},
    {"time_common",
     [](Out out, Line line) {
       out.word(line.time.common(line.record.started));
       return true;
     },
     "The same moment as the common log format writes it.", LogFieldUse::template_only},
    {"id", [](Out out, Line line) { return put_text(out, line.record.id.view(), longest_name); },
     "The request id, which the client and the upstream got too."},
    {"trace", write_trace, "The trace that the request belongs to, where traces are made."},
    {"client",
     [](Out out, Line line) { return put_text(out, line.record.client_address, longest_name); },
     "The client's address, as trusted proxies report it."},
    {"peer",
     [](Out out, Line line) {
       bool is_same = line.record.peer_address == line.record.client_address;
       bool is_told = !is_same || out.style() == LogStyle::text;
       return is_told && put_text(out, line.record.peer_address, longest_name);
     },
     "The address that is connected to the gateway; left out of JSON if it is the client's."},
    {"listener",
     [](Out out, Line line) { return put_text(out, line.record.listener, longest_name); },
     "The listener that accepted the connection."},
    {"method", [](Out out, Line line) { return put_text(out, line.record.method, longest_name); },
     "The request's method."},
    {"scheme", [](Out out, Line line) { return put_text(out, line.record.scheme, longest_name); },
     "http or https, on the client's side."},
    {"host", [](Out out, Line line) { return put_text(out, line.record.host, longest_name); },
     "The request's host, from the target or the Host field."},
    {"target", [](Out out, Line line) { return put_text(out, line.record.target, longest_target); },
     "The request's target with its query, as it came."},
    {"version",
     [](Out out, Line line) {
       out.word(text_of(line.record.version));
       return true;
     },
     "The client's version of HTTP."},
    {"status", [](Out out, Line line) { return put_positive(out, line.record.status); },
     "The status that was sent; absent if the client left before one could be."},
    {"bytes_in",
     [](Out out, Line line) {
       out.number(line.record.request_body_bytes);
       return true;
     },
     "Bytes of the request's body that came, without framing."},
    {"bytes_out",
     [](Out out, Line line) {
       out.number(line.record.response_body_bytes);
       return true;
     },
     "Bytes of the response's body that were sent, without framing."},
    {"head_bytes_in",
     [](Out out, Line line) { return put_positive(out, line.record.request_head_bytes); },
     "Bytes of the request's head."},
    {"head_bytes_out",
     [](Out out, Line line) { return put_positive(out, line.record.response_head_bytes); },
     "Bytes of the response's head."},
    {"ms",
     [](Out out, Line line) {
       out.milliseconds(line.record.total);
       return true;
     },
     "Milliseconds from the first byte of the request to the end of the exchange."},
    {"head_ms", [](Out out, Line line) { return put_duration(out, line.record.head_read); },
     "Milliseconds until the request's head was complete."},
    {"queue_ms", [](Out out, Line line) { return put_duration(out, line.record.queued); },
     "Milliseconds spent waiting for admission."},
    {"first_byte_ms", [](Out out, Line line) { return put_duration(out, line.record.committed); },
     "Milliseconds until the first byte of the response went to the client."},
    {"client_connection",
     [](Out out, Line line) { return put_positive(out, line.record.client_connection_id); },
     "The number of the client's connection."},
    {"client_request",
     [](Out out, Line line) { return put_positive(out, line.record.client_request_number); },
     "The number of this request on the client's connection."},
    {"route", [](Out out, Line line) { return put_text(out, line.record.route, longest_name); },
     "The route that matched."},
    {"upstream",
     [](Out out, Line line) { return put_text(out, line.record.upstream, longest_name); },
     "The upstream that the route leads to."},
    {"endpoint",
     [](Out out, Line line) {
       const AttemptRecord* last = last_of(line.record);
       return last != nullptr && put_text(out, last->endpoint, longest_name);
     },
     "The endpoint of the last attempt.", LogFieldUse::template_only},
    {"attempt_count",
     [](Out out, Line line) {
       out.number(line.record.attempts_made());
       return true;
     },
     "How many attempts were made."},
    {"fault", write_fault, "The fault that the client saw; absent if all went well."},
    {"fault_id", write_fault_id, "The same fault by its id in docs/causes.md."},
    {"blame", write_blame,
     "Who has to act on the fault: upstream, network, gateway, client, operator."},
    {"retry", write_verdict, "Why the last failed attempt was not followed by another."},
    {"rescued", write_rescued, "The fault that another attempt saved this request from."},
    {"continued",
     [](Out out, Line line) {
       if (line.record.continued) out.flag(true);
       return line.record.continued;
     },
     "Present and true if the response broke off and its rest came from another endpoint."},
    {"message_error", write_message_error, "What was wrong with the client's message."},
    {"upgraded",
     [](Out out, Line line) {
       if (line.record.upgraded) out.flag(true);
       return line.record.upgraded;
     },
     "true if the exchange became a tunnel."},
    {"user_agent",
     [](Out out, Line line) { return put_text(out, line.record.user_agent, longest_value); },
     "The request's User-Agent."},
    {"referer",
     [](Out out, Line line) { return put_text(out, line.record.referer, longest_value); },
     "The request's Referer."},
    {"attempts", write_attempts,
     "Every attempt (the first three and the last, if there were more than four).",
     LogFieldUse::json_only},
};

consteval bool names_are_unique_and_documented() {
  for (const LogField& field : table) {
    if (field.doc.empty() || field.doc.back() != '.') return false;
    for (const LogField& other : table) {
      if (&other != &field && other.name == field.name) return false;
    }
  }
  return true;
}
static_assert(names_are_unique_and_documented());

}  // namespace

std::span<const LogField> log_fields() { return table; }

const LogField* find_log_field(std::string_view name) {
  for (const LogField& field : table) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

}  // namespace gg
