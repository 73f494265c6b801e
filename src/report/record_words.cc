// SPDX-License-Identifier: Apache-2.0
#include "report/record_words.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "fault/catalogue.h"
#include "tls/tls_error.h"

namespace gg {
namespace {

bool ended_in_order(MessageError error) {
  return error == MessageError::ended_before_head || error == MessageError::ended_in_head ||
         error == MessageError::ended_in_body;
}

/// How the connection ended, if that is what failed.
std::string ending_of(const AttemptRecord& facts) {
  if (ended_in_order(facts.message_error))
    return "the endpoint ended the connection in order (FIN)";
  switch (facts.error_number) {
    case 0:
      return "";
    case ECONNRESET:
      return "the endpoint reset the connection (RST, ECONNRESET)";
    case EPIPE:
      return "the endpoint had closed the connection before the request was written (EPIPE)";
    default:
      return "the kernel said " + errno_text(facts.error_number);
  }
}

std::string connection_of(const FlightAttempt& attempt) {
  const AttemptRecord& facts = attempt.facts;
  if (facts.connection_id == 0) return "no connection came about";
  std::string text = fmt::format("connection {} {}", facts.connection_id,
                                 facts.reused ? "was a kept one" : "was new");
  if (facts.reused) {
    text += fmt::format(": its request number {}, idle for {} before", facts.request_number,
                        duration_text(facts.idle_age));
  }
  Duration age = attempt.circumstances.connection_age;
  return age <= Duration::zero() ? text : text + ", " + duration_text(age) + " old";
}

/// What the gateway knew of the endpoint before this.
std::string standing_of(const Circumstances& circumstances) {
  if (circumstances.standing.empty()) return "";
  std::string text =
      fmt::format("the endpoint was {}, with {} {} at it", circumstances.standing,
                  circumstances.in_flight, circumstances.in_flight == 1 ? "request" : "requests");
  return circumstances.limit == 0 ? text : text + fmt::format(" of {} let in", circumstances.limit);
}

std::string whereabouts_text(const FlightAttempt& attempt) {
  const Circumstances& circumstances = attempt.circumstances;
  switch (whereabouts_of(attempt)) {
    case Whereabouts::on_the_way:
      return fmt::format(
          "its machine has not acknowledged {} packets, which were sent again ({} so far): the way "
          "there or the machine is gone",
          circumstances.unacknowledged, circumstances.retransmits);
    case Whereabouts::before_the_door:
      return fmt::format("its machine has no room for more: {} bytes wait until the service reads",
                         circumstances.unsent);
    case Whereabouts::inside:
      return "its machine has acknowledged all that was sent: the service itself is silent";
    case Whereabouts::unknown:
      break;
  }
  if (circumstances.retransmits == 0) return "";
  return fmt::format("packets that were sent again on this connection: {}",
                     circumstances.retransmits);
}

/// What stands out of the message, the handshake or the stream.
std::string protocol_of(const AttemptRecord& facts) {
  bool is_message = facts.message_error != MessageError::none;
  if (is_message && !ended_in_order(facts.message_error)) {
    return fmt::format("what is wrong with the response: {}", text_of(facts.message_error));
  }
  if (facts.verify_code != 0) {
    return fmt::format("the certificate was refused: {}", text_of_verification(facts.verify_code));
  }
  if (facts.protocol_code == 0) return "";
  std::string_view name = text_of_alert(static_cast<std::uint8_t>(facts.protocol_code));
  bool is_alert = row_of(facts.fault).stage == Stage::tls && !name.empty();
  return is_alert ? fmt::format("TLS alert {} ({})", facts.protocol_code, name)
                  : fmt::format("protocol error code {}", facts.protocol_code);
}

void add(std::vector<std::string>& all, std::string text) {
  if (!text.empty()) all.push_back(std::move(text));
}

}  // namespace

std::string outcome_text(const FlightRecord& record) {
  std::string status = record.status == 0 ? "nothing was sent" : fmt::format("{}", record.status);
  std::string_view endpoint =
      record.attempts().empty() ? "" : record.attempts().back().endpoint.view();
  switch (record.outcome()) {
    case FlightRecord::Outcome::well:
      return fmt::format("{} by {}", status, endpoint.empty() ? "the gateway itself" : endpoint);
    case FlightRecord::Outcome::rescued:
      return fmt::format("{} by {}, after {}; the client saw no failure", status, endpoint,
                         name_of(record.first_fault()));
    case FlightRecord::Outcome::failed:
      break;
  }
  std::string text = fmt::format("{}: {}", status, name_of(record.fault));
  bool is_of_endpoint =
      !record.attempts().empty() && record.attempts().back().facts.fault == record.fault;
  return is_of_endpoint ? fmt::format("{} at {}", text, endpoint) : text;
}

Whereabouts whereabouts_of(const FlightAttempt& attempt) {
  const Circumstances& circumstances = attempt.circumstances;
  bool was_waited_for = row_of(attempt.facts.fault).retry_on == RetryCondition::timeout;
  bool is_known = circumstances.round_trip > Duration::zero();
  if (!was_waited_for || !is_known) return Whereabouts::unknown;
  if (circumstances.unacknowledged > 0 && circumstances.retransmits > 0)
    return Whereabouts::on_the_way;
  if (circumstances.unsent > 0) return Whereabouts::before_the_door;
  return circumstances.unacknowledged == 0 ? Whereabouts::inside : Whereabouts::unknown;
}

std::vector<std::string> evidence_of(const FlightAttempt& attempt) {
  const AttemptRecord& facts = attempt.facts;
  std::vector<std::string> all;
  if (facts.fault == Fault::none) return all;
  add(all, ending_of(facts));
  add(all, protocol_of(facts));
  if (facts.status != 0) add(all, fmt::format("the endpoint answered {}", facts.status));
  if (!attempt.first_bytes.empty()) {
    bool is_hop = facts.status != 0 && facts.message_error == MessageError::none;
    std::string text = printable(attempt.first_bytes.view());
    add(all, is_hop ? "a gateway behind it gave up: " + text
                    : fmt::format("the first bytes were \"{}\"", text));
  }
  add(all, whereabouts_text(attempt));
  add(all, connection_of(attempt));
  add(all, standing_of(attempt.circumstances));
  if (facts.connection_id != 0) {
    add(all, fmt::format("{} bytes written, {} read", facts.bytes_written, facts.bytes_read));
  }
  return all;
}

std::string_view retry_text(Retry verdict) {
  switch (verdict) {
    case Retry::not_asked:
      return "";
    case Retry::yes:
      return "so another attempt was made";
    case Retry::no_fault_is_final:
      return "no other attempt: the route's retry.on does not cover this";
    case Retry::no_response_has_started:
      return "no other attempt: the client had some of the response already";
    case Retry::no_request_may_have_run:
      return "no other attempt: the request may have been acted upon, and its method must not run "
             "twice (retry.unsafe_methods, retry.idempotency_key)";
    case Retry::no_body_is_gone:
      return "no other attempt: the request's body is larger than what is kept of it "
             "(retry.keep_body)";
    case Retry::no_attempts_left:
      return "no other attempt: all that retry.attempts allows were made";
    case Retry::no_time_left:
      return "no other attempt: the time for the exchange was over (timeout of the route, or the "
             "client's)";
    case Retry::no_endpoint_left:
      return "no other attempt: every endpoint that may be used had been tried";
    case Retry::no_budget_left:
      return "no other attempt: the retry budget was spent (retry_budget of the upstream)";
    case Retry::no_client_is_gone:
      return "no other attempt: the client had left";
  }
  return "";
}

std::string printable(std::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (c >= ' ' && c <= '~') {
      text += c;
    } else {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

std::string duration_text(Duration duration) {
  double ms = std::chrono::duration<double, std::milli>(duration).count();
  if (ms < 10) return fmt::format("{:.2f} ms", ms);
  if (ms < 1000) return fmt::format("{:.0f} ms", ms);
  if (ms < 100'000) return fmt::format("{:.2f} s", ms / 1000);
  return fmt::format("{:.0f} s", ms / 1000);
}

std::string errno_text(int number) {
  const char* name = strerrorname_np(number);
  const char* words = strerrordesc_np(number);
  if (name == nullptr || words == nullptr) return fmt::format("errno {}", number);
  return fmt::format("{} ({})", name, words);
}

}  // namespace gg
