// SPDX-License-Identifier: Apache-2.0
#include "fault/proxy_status.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "fault/catalogue.h"

namespace gg {
namespace {

bool is_letter(char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; }

/// sf-token (RFC 9651 3.3.4).
bool is_token(std::string_view text) {
  if (text.empty() || (!is_letter(text.front()) && text.front() != '*')) return false;
  constexpr std::string_view others = "!#$%&'*+-.^_`|~:/";
  return std::ranges::all_of(text, [others](char c) {
    return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
  });
}

/// sf-string (RFC 9651 3.3.3) holds printable ASCII only.
void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c >= ' ' && c <= '~' ? c : '?';
  }
  out += '"';
}

void append_token_or_string(std::string& out, std::string_view text) {
  if (is_token(text)) {
    out += text;
  } else {
    append_string(out, text);
  }
}

/// sf-integer has at most 15 digits (RFC 9651 3.3.1).
void append_integer(std::string& out, std::string_view name, std::uint64_t value) {
  constexpr std::uint64_t largest = 999'999'999'999'999;
  char digits[16];
  std::to_chars_result end =
      std::to_chars(digits, digits + sizeof digits, std::min(value, largest));
  out += "; ";
  out += name;
  out += '=';
  out.append(digits, end.ptr);
}

void append_integer_if_known(std::string& out, std::string_view name, std::uint64_t value) {
  if (value != 0) append_integer(out, name, value);
}

void append_parameter(std::string& out, const FaultRow& row, const ProxyStatusFacts& facts) {
  switch (row.parameter) {
    case ErrorParameter::none:
      return;
    case ErrorParameter::rcode:
      if (facts.rcode.empty()) return;
      out += "; rcode=";
      append_string(out, facts.rcode);
      return;
    case ErrorParameter::alert:
      // Alert 0 is close_notify, which is no failure, so 0 may stand for unknown.
      append_integer_if_known(out, "alert-id", static_cast<std::uint64_t>(facts.alert));
      return;
    case ErrorParameter::status_code:
      append_integer(out, "status-code", row.status);
      return;
    case ErrorParameter::header_section_size:
      append_integer_if_known(out, "header-section-size", facts.size);
      return;
    case ErrorParameter::body_size:
      append_integer_if_known(out, "body-size", facts.size);
      return;
    case ErrorParameter::trailer_section_size:
      append_integer_if_known(out, "trailer-section-size", facts.size);
      return;
    case ErrorParameter::coding:
      if (!is_token(facts.coding)) return;
      out += "; coding=";
      out += facts.coding;
      return;
  }
}

}  // namespace

void append_proxy_status(std::string& out, std::string_view deployment, Fault fault,
                         const ProxyStatusFacts& facts) {
  const FaultRow& row = row_of(fault);
  append_token_or_string(out, deployment);
  if (!row.error.empty()) {
    out += "; error=";
    out += row.error;
    append_parameter(out, row, facts);
  }
  append_integer_if_known(out, "received-status",
                          static_cast<std::uint64_t>(facts.received_status));
  if (!facts.next_hop.empty()) {
    out += "; next-hop=";
    append_token_or_string(out, facts.next_hop);
  }
  if (!facts.next_protocol.empty()) {
    out += "; next-protocol=";
    append_token_or_string(out, facts.next_protocol);
  }
}

}  // namespace gg
