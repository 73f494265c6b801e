// SPDX-License-Identifier: Apache-2.0
// The catalogue: one row per way to fail, and everything the gateway says about it. Status codes,
// Proxy-Status, metric labels, log fields, explanations and docs/causes.md are all read from here;
// no other place in the code spells a cause.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "fault/fault.h"

namespace gg {

/// The further Proxy-Status parameters that RFC 9209 defines for a row's error type.
enum class ErrorParameter : std::uint8_t {
  none,
  rcode,                 // dns_error: rcode, a String
  alert,                 // tls_alert_received: alert-id (Integer) and alert-message
  status_code,           // http_request_error: status-code, an Integer
  header_section_size,   // Integer, bytes
  body_size,             // Integer, bytes
  trailer_section_size,  // Integer, bytes
  coding,                // Token
};

/// Can one exchange tell this cause by itself, or only a comparison of many (or a probe)?
enum class Evidence : std::uint8_t { exchange, comparison };

/// One cause. All text is static.
struct FaultRow {
  Fault fault = Fault::none;
  std::string_view id;    // stable: "N1"; never reused
  std::string_view name;  // the enumerator's own name
  Stage stage = Stage::gateway;
  /// What the client gets if nothing better can be given. 0: the upstream's own status is passed
  /// on, or a response is already on its way. 499: nobody is left to answer (for logs only).
  std::uint16_t status = 0;
  std::string_view error;  // RFC 9209 2.3 error type; empty: none fits (the client left, or X1)
  ErrorParameter parameter = ErrorParameter::none;
  Blame blame = Blame::gateway;
  /// The least that is always true; delivery_of() in fault/classify.h sharpens it for one attempt.
  Delivery delivery = Delivery::unknown;
  RetryCondition retry_on = RetryCondition::never;
  bool about_endpoint = false;  // counts against the endpoint's health
  Evidence evidence = Evidence::exchange;
  std::string_view meaning;  // one sentence for the operator
  std::string_view remedy;   // one sentence for the operator
};

/// Every row in enum order, `none` first.
std::span<const FaultRow> catalogue();

/// The row of `fault`; never fails.
const FaultRow& row_of(Fault fault);

/// "connect_refused": the wire name.
std::string_view name_of(Fault fault);
/// "connect", "operator", "not_sent": the words as logs and documents spell them.
std::string_view name_of(Stage stage);
std::string_view name_of(Blame blame);
std::string_view name_of(Delivery delivery);
std::string_view name_of(RetryCondition retry_on);

/// The fault of that name or id ("connect_refused" or "N1", ASCII case ignored), or nothing.
std::optional<Fault> find_fault(std::string_view name_or_id);

/// Is there anybody to send an answer of ours to? False when the client left, and for faults whose
/// answer is the upstream's own or already on its way.
bool gateway_answers(Fault fault);

}  // namespace gg
