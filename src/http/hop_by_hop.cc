// SPDX-License-Identifier: Apache-2.0
#include "http/hop_by_hop.h"

#include <array>
#include <cstddef>
#include <span>

#include "base/assert.h"
#include "base/text.h"
#include "http/connection_options.h"

namespace gg {
namespace {

/// Removed whether Connection names them or not (RFC 9110 7.6.1). Trailer is not among them: it is
/// end-to-end (RFC 9110 6.6.2), and so are the trailers it announces.
constexpr FieldName always_removed[] = {
    FieldName::connection, FieldName::keep_alive,        FieldName::proxy_connection,
    FieldName::te,         FieldName::transfer_encoding, FieldName::upgrade,
};

/// Only ever means this hop (RFC 7540 3.2.1); too rare for an id.
constexpr std::string_view http2_settings = "HTTP2-Settings";

bool is_guarded(FieldName id) {
  switch (id) {
    case FieldName::cdn_loop:
    case FieldName::client_cert:
    case FieldName::client_cert_chain:
    case FieldName::connection:
    case FieldName::content_length:
    case FieldName::expect:
    case FieldName::forwarded:
    case FieldName::host:
    case FieldName::keep_alive:
    case FieldName::max_forwards:
    case FieldName::proxy_authorization:
    case FieldName::proxy_connection:
    case FieldName::te:
    case FieldName::trailer:
    case FieldName::transfer_encoding:
    case FieldName::upgrade:
    case FieldName::via:
    case FieldName::x_forwarded_for:
    case FieldName::x_forwarded_host:
    case FieldName::x_forwarded_proto:
      return true;
    case FieldName::other:
    case FieldName::accept:
    case FieldName::authorization:
    case FieldName::content_type:
    case FieldName::cookie:
    case FieldName::date:
    case FieldName::idempotency_key:
    case FieldName::proxy_authenticate:
    case FieldName::proxy_status:
    case FieldName::range:
    case FieldName::referer:
    case FieldName::retry_after:
    case FieldName::server:
    case FieldName::traceparent:
    case FieldName::tracestate:
    case FieldName::user_agent:
    case FieldName::x_request_id:
      return false;
  }
  return false;
}

bool is_alphanumeric(char c) {
  char lower = ascii_lower(c);
  return is_digit(c) || (lower >= 'a' && lower <= 'z');
}

}  // namespace

HopFilter::HopFilter(const Fields& fields) : first_(fields.all().data()) {
  GG_ASSERT(fields.size() <= fields_max);
  for (FieldName id : always_removed) remove(id);
  if (fields.has(FieldName::connection)) remove_named_by_connection(fields.all());
}

HopFilter HopFilter::for_request(const RequestHead& head, Upgrade upgrade) {
  HopFilter filter(head.fields);
  filter.is_request_ = true;
  // Meant for the first proxy that asked for it (RFC 9110 11.7.2); a gateway asks for none.
  filter.remove(FieldName::proxy_authorization);
  if (upgrade == Upgrade::yes) filter.keep(FieldName::upgrade);
  return filter;
}

HopFilter HopFilter::for_response(const ResponseHead& head, Upgrade upgrade) {
  HopFilter filter(head.fields);
  filter.remove(FieldName::proxy_authenticate);
  if (upgrade == Upgrade::yes) filter.keep(FieldName::upgrade);
  // A length that must not stand there (RFC 9110 8.6); framing has made sure that it is 0.
  if ((head.status >= 100 && head.status < 200) || head.status == 204) {
    filter.remove(FieldName::content_length);
  }
  return filter;
}

/// Only names without an id are looked for: a peer that lists Host, Cookie or X-Forwarded-For as a
/// connection option wants to hide what others set, and no such field is ever hop-by-hop.
void HopFilter::remove_named_by_connection(std::span<const Field> all) {
  int listed = 0;
  for (const Field& connection : all) {
    if (connection.id != FieldName::connection) continue;
    std::string_view list = connection.value;
    std::string_view option;
    while (!(option = next_list_element(list)).empty() && ++listed <= connection_options_max) {
      remove_named(option, all);
    }
  }
}

void HopFilter::remove_named(std::string_view option, std::span<const Field> all) {
  if (equal_ignoring_case(option, "close") || equal_ignoring_case(option, "keep-alive")) return;
  for (std::size_t i = 0; i < all.size(); ++i) {
    bool is_named = all[i].id == FieldName::other && equal_ignoring_case(all[i].name, option);
    if (is_named) removed_.set(i);
  }
}

bool HopFilter::passes(const Field& field) const {
  if (((removed_ids_ >> static_cast<unsigned>(field.id)) & 1) != 0) return false;
  if (field.id != FieldName::other) return true;
  auto index = static_cast<std::size_t>(&field - first_);
  if (removed_.test(index)) return false;
  if (equal_ignoring_case(field.name, http2_settings)) return false;
  return !(is_request_ && is_lookalike(field.name));
}

bool is_lookalike(std::string_view name) {
  // Nearly every name has neither, and this is asked of each one.
  if (name.find('_') == std::string_view::npos && name.find("--") == std::string_view::npos) {
    return false;
  }
  std::array<char, 24> plain{};
  std::size_t size = 0;
  bool differs = false;
  for (char c : name) {
    bool is_separator = !is_alphanumeric(c);
    if (is_separator && size > 0 && plain[size - 1] == '-') {
      differs = true;  // a run of separators counts once
      continue;
    }
    if (size == plain.size()) return false;
    differs = differs || (is_separator && c != '-');
    plain[size++] = is_separator ? '-' : c;
  }
  return differs && is_guarded(field_name_of({plain.data(), size}));
}

}  // namespace gg
